import { noConfiguration } from "../configuration/configuration.ts";
import { dumpSettingsOf } from "../configuration/dump-settings.ts";
import type { Criu } from "../criu/bundle/find-criu.ts";
import { MigrationError } from "../errors.ts";
import { type ArrivalBegin, beginArrival } from "./begin-arrival.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import type { Move, Side } from "./move.ts";

export interface MoveBegin extends ArrivalBegin {
  readonly source: Side;
}

/** Begins a move, which has a source beside what `beginArrival` gives. */
export async function beginMove(
  { source, ...begin }: MoveBegin,
  options: Omit<MigrateOptions, "container">,
  stack: AsyncDisposableStack,
): Promise<Move> {
  const { configuration = noConfiguration, leaveSource = "stopped", image, imageArchive, hookBefore, hookAfter } = options;
  const criu = begin.strategy === "replatform" ? undefined : requireCriu(begin.subject);
  const { StartedAt: startedAt } = begin.subject.container.State;
  const entry = {
    operation: "migrate",
    archive: undefined,
    source: source.host.name,
    sourceEngine: source.engine.name,
    startedAt,
    leaveSource,
  } as const;
  const arrival = await beginArrival(begin, entry, options, stack);
  return {
    ...arrival,
    source,
    options: { ...arrival.options, leaveSource, image, imageArchive, hookBefore, hookAfter },
    criuDirectory: criu?.binDirectory,
    dumpSettings: dumpSettingsOf(configuration),
  };
}

/** The rules have asked for it. */
function requireCriu({ criu, host }: ArrivalBegin["subject"]): Criu {
  if (criu !== undefined) return criu;
  throw new MigrationError("criu-missing", "there is no working CRIU 4.2 or later", {
    host,
    remedy: "Run `migrate-container setup`.",
  });
}
