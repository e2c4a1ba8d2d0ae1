import { examineLive } from "../compatibility/examine.ts";
import type { Report } from "../compatibility/report.ts";
import { readSubject, readSubjectAgain } from "../compatibility/subject.ts";
import { readTargetFacts, withPaths } from "../compatibility/target-facts.ts";
import type { DockerEngine } from "../engine/docker/engine.ts";
import type { EngineName } from "../engine/engine-name.ts";
import { findTargetEngine } from "../engine/find-engine.ts";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { openHost } from "../host/open.ts";
import { asItComes, type ComingOptions } from "./as-it-comes.ts";
import { readEmulatorDescription } from "./emulator-file.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { openSource } from "./sides.ts";

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

/**
 * What `migrate` would find, without a move: a verdict for each strategy. The container need not run.
 * @throws MigrationError `usage`, `target-unreachable`, `engine-unavailable` (of the source), `container-not-found`, `cancelled`
 */
export async function check(options: CheckOptions): Promise<Report> {
  const { name, signal, sourceArchitecture: source, targetArchitecture: target } = options;
  await using stack = new AsyncDisposableStack();
  const side = await openSource(options.source, options.container, stack, options);
  // Before anything is read: what is opened while the stack is given up would stay open.
  const there = await openTarget(options, stack);
  const emulator = await readEmulatorDescription(options.emulator);
  const [found, read] = await Promise.all([
    readSubject(side.engine, side.container, { signal, criuBinary: options.configuration?.criuBinary }),
    there && readTargetFacts(there.host, there.engine, { signal, emulator }),
  ]);
  const subject = asItComes(found, options);
  const facts = there && (await withPaths(read!, there.host, subject, signal));
  const lookAgain = async () => asItComes(await readSubjectAgain(side.engine, found, { signal }), options);
  return await examineLive(subject, facts, { name, expected: { source, target } }, lookAgain);
}

async function openTarget({ target, targetEngine, sshConfig, signal }: CheckOptions, stack: AsyncDisposableStack) {
  if (target === undefined) return;
  const host = stack.use(await openHost(target, { configFile: sshConfig, signal }));
  return { host, engine: await engineIfAny(host, targetEngine, stack) };
}

/** That there is none is a finding, beside all others that there are. */
async function engineIfAny(
  host: Host,
  named: EngineName | undefined,
  stack: AsyncDisposableStack,
): Promise<DockerEngine | undefined> {
  return findTargetEngine(host, named, stack).catch((error: unknown) => {
    if (error instanceof MigrationError && error.code === "engine-unavailable") return undefined;
    throw error;
  });
}
