import type { Report } from "../compatibility/report.ts";
import type { DockerEngine } from "../engine/docker/engine.ts";
import type { EngineName } from "../engine/engine-name.ts";
import { findTargetEngine } from "../engine/find-engine.ts";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { openHost } from "../host/open.ts";
import type { ComingOptions } from "./as-it-comes.ts";
import { type ExaminedTarget, examineMembers } from "./group/examine-members.ts";
import { type GroupMembers, refuseOptionsOfOne } from "./group/group-options.ts";
import { openMembers } from "./group/open-members.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { containerName } from "./move.ts";

export type CheckOptions = Pick<
  MigrateOptions,
  keyof ComingOptions | "container" | "source" | "targetEngine" | "name" | "sshConfig" | "emulator" | "configuration" | "signal"
> & {
  /** Default: none, only what the source shows is judged. */
  readonly target?: string;
  /** What the user says that the source is, as `uname -m` says it; another one is found. Default: what it is. */
  readonly sourceArchitecture?: string;
  /** The same of the target. Without a target, what it shall be; by default `aarch64`. */
  readonly targetArchitecture?: string;
};

export type CheckGroupOptions = Omit<CheckOptions, "container"> & GroupMembers;

/** A container of a group, judged. */
export interface MemberReport {
  readonly container: string;
  readonly report: Report;
}

/**
 * What `migrate` would find, without a move: a verdict for each strategy. The container need not run.
 * @throws MigrationError `usage`, `target-unreachable`, `engine-unavailable` (of the source), `container-not-found`, `cancelled`
 */
export async function check({ container, ...options }: CheckOptions): Promise<Report> {
  const [member] = await checkGroup({ ...options, containers: [container] });
  return member!.report;
}

/**
 * What `migrateGroup` would find, for each of its containers.
 * @throws MigrationError as `check`
 */
export async function checkGroup(options: CheckGroupOptions): Promise<MemberReport[]> {
  const { signal, sourceArchitecture: source, targetArchitecture: target } = options;
  await using stack = new AsyncDisposableStack();
  const { source: side, records } = await openMembers(options, stack);
  // Before anything is read: what is opened while the stack is given up would stay open.
  const there = await openTarget(options, side.engine.name, stack);
  if (records.length > 1) refuseOptionsOfOne(options);
  const ids = records.map(({ Id: id }) => id);
  const members = await examineMembers(side, ids, there, { ...options, expected: { source, target }, signal });
  return members.map(({ subject, report }) => ({ container: containerName(subject), report }));
}

async function openTarget(
  { target, targetEngine, sshConfig, signal }: Omit<CheckOptions, "container">,
  source: EngineName,
  stack: AsyncDisposableStack,
): Promise<ExaminedTarget | undefined> {
  if (target === undefined) return;
  const host = stack.use(await openHost(target, { configFile: sshConfig, signal }));
  return { host, engine: await engineIfAny(host, targetEngine, source, stack) };
}

/** That there is none is a finding, beside all others that there are. */
async function engineIfAny(
  host: Host,
  named: EngineName | undefined,
  source: EngineName,
  stack: AsyncDisposableStack,
): Promise<DockerEngine | undefined> {
  return findTargetEngine(host, named, stack, source).catch((error: unknown) => {
    if (error instanceof MigrationError && error.code === "engine-unavailable") return undefined;
    throw error;
  });
}
