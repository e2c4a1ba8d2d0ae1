import { join, resolve } from "node:path";
import type { OwnArchive } from "../../checkpoint/archive/opened.ts";
import { chooseExecution } from "../../compatibility/execution.ts";
import type { Subject } from "../../compatibility/subject.ts";
import type { TargetFacts } from "../../compatibility/target-facts.ts";
import { noConfiguration } from "../../configuration/configuration.ts";
import type { Host } from "../../host/host.ts";
import { runtimeOf } from "../begin-move.ts";
import { ControlServer } from "../control/server.ts";
import { Journal } from "../journal/journal.ts";
import { containerName, type Side } from "../move.ts";
import { defaultWorkDirectory } from "../state-paths.ts";
import { ownHealthCommand } from "../validation/health.ts";
import { toolVersion } from "../version.ts";
import type { Restore } from "./restore.ts";
import type { RestoreOptions, RestoreStrategy } from "./restore-options.ts";

export interface RestoreBegin {
  readonly id: string;
  readonly strategy: RestoreStrategy;
  readonly archive: OwnArchive;
  /** This machine. */
  readonly local: Host;
  readonly target: Side;
  /** The archive's container as it shall be made. */
  readonly subject: Subject;
  readonly targetFacts: TargetFacts;
  readonly name: string;
  /** As of `performance.now()`. */
  readonly begin: number;
  readonly signal: AbortSignal | undefined;
}

/** Opens a restore's journal and its ear for other terminals, and makes its work folder. All is closed with the stack. */
export async function beginRestore(
  { id, strategy, archive, local, target, subject, targetFacts, name, begin, signal }: RestoreBegin,
  options: RestoreOptions,
  stack: AsyncDisposableStack,
): Promise<Restore> {
  const { container } = subject;
  const { configuration = noConfiguration } = options;
  const healthCommand = options.healthCommand ?? ownHealthCommand(container);
  const directory = join(configuration.workDirectory ?? defaultWorkDirectory(), id);
  const control = stack.use(await ControlServer.start(id));
  const journal = stack.use(await Journal.create(id, options.afterEntry));
  await journal.write({
    ...{ kind: "begin", operation: "restore", archive: resolve(options.archive), container: containerName({ container }) },
    ...{ containerId: container.Id, startedAt: "", target: target.host.name, sshConfig: options.sshConfig },
    ...{ strategy, name, leaveSource: "running", healthCommand, workDirectory: directory, tool: toolVersion },
  });
  const made: Restore["made"] = [];
  const emit: Restore["emit"] = (event) => {
    const timed = { ...event, atMs: performance.now() - begin };
    control.follow(timed);
    options.onEvent?.(timed);
  };
  return {
    ...{ id, strategy, archive, container, target, subject, targetFacts, journal, made, emit },
    source: { host: local },
    image: options.image,
    execution: strategy === "resume" ? chooseExecution(subject, targetFacts) : undefined,
    runtime: runtimeOf(strategy, targetFacts),
    options: { name, healthCommand, cpu: false, rollback: options.rollback ?? true },
    criuDirectory: subject.criu?.binDirectory,
    signal: signal === undefined ? control.signal : AbortSignal.any([signal, control.signal]),
    workDirectory: directory,
    notes: [],
    progress: (step, bytes, totalBytes) => emit({ type: "bytes", step, bytes, totalBytes }),
    afterStep: options.afterStep,
    bytesSent: 0,
    memoryBytes: 0,
    targetStarted: false,
  };
}
