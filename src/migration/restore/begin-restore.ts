import { resolve } from "node:path";
import type { Host } from "../../host/host.ts";
import { type ArrivalBegin, beginArrival } from "../begin-arrival.ts";
import type { Restorable } from "./restorable.ts";
import type { Restore } from "./restore.ts";
import type { RestoreOptions, RestoreStrategy } from "./restore-options.ts";

export interface RestoreBegin extends ArrivalBegin {
  readonly strategy: RestoreStrategy;
  readonly archive: Restorable;
  /** This machine. */
  readonly local: Host;
}

/** Begins a restore, which has an archive beside what `beginArrival` gives. */
export async function beginRestore(
  { archive, local, ...begin }: RestoreBegin,
  options: RestoreOptions,
  stack: AsyncDisposableStack,
): Promise<Restore> {
  const entry = { operation: "restore", archive: resolve(options.archive), startedAt: "", leaveSource: "running" } as const;
  return {
    ...(await beginArrival(begin, entry, options, stack)),
    strategy: begin.strategy,
    archive,
    source: { host: local },
    image: options.image,
    criuDirectory: begin.subject.criu?.binDirectory,
  };
}
