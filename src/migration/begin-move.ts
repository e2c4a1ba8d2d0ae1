import { join } from "node:path";
import { chooseExecution, chooseRestoreRuntime, chooseRuntime } from "../compatibility/execution.ts";
import type { Strategy } from "../compatibility/strategy.ts";
import type { Subject } from "../compatibility/subject.ts";
import type { OciRuntime, TargetFacts } from "../compatibility/target-facts.ts";
import { noConfiguration } from "../configuration/configuration.ts";
import { dumpSettingsOf } from "../configuration/dump-settings.ts";
import { requireCriu } from "../criu/bundle/find-criu.ts";
import { ControlServer } from "./control/server.ts";
import { Journal } from "./journal/journal.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { containerName, type Move, type Side } from "./move.ts";
import { defaultWorkDirectory } from "./state-paths.ts";
import { ownHealthCommand } from "./validation/health.ts";
import { toolVersion } from "./version.ts";

export interface Begin {
  readonly id: string;
  readonly strategy: Strategy;
  readonly source: Side;
  readonly target: Side;
  readonly subject: Subject;
  readonly targetFacts: TargetFacts;
  /** As of `performance.now()`. */
  readonly begin: number;
  readonly signal: AbortSignal | undefined;
}

/** Opens a move's journal and its ear for other terminals. Both are closed with the stack. */
export async function beginMove(
  { id, strategy, source, target, subject, targetFacts, begin, signal }: Begin,
  options: MigrateOptions,
  stack: AsyncDisposableStack,
): Promise<Move> {
  const { container } = subject;
  const { configuration = noConfiguration } = options;
  const criu = strategy === "replatform" ? undefined : await requireCriu({ program: configuration.criuBinary });
  const name = options.name ?? containerName({ container });
  const leaveSource = options.leaveSource ?? "stopped";
  const healthCommand = options.healthCommand ?? ownHealthCommand(container);
  const directory = join(configuration.workDirectory ?? defaultWorkDirectory(), id);
  const control = stack.use(await ControlServer.start(id));
  const journal = stack.use(await Journal.create(id, options.afterEntry));
  await journal.write({
    ...{ kind: "begin", operation: "migrate" },
    container: containerName({ container }),
    containerId: container.Id,
    startedAt: container.State.StartedAt,
    target: target.host.name,
    sshConfig: options.sshConfig,
    ...{ strategy, name, leaveSource, healthCommand },
    workDirectory: directory,
    tool: toolVersion,
  });
  const made: Move["made"] = [];
  const emit: Move["emit"] = (event) => {
    const timed = { ...event, atMs: performance.now() - begin };
    control.follow(timed);
    options.onEvent?.(timed);
  };
  return {
    ...{ id, strategy, container, source, target, subject, targetFacts, journal, made, emit },
    execution: strategy === "resume" ? chooseExecution(subject, targetFacts) : undefined,
    runtime: runtimeOf(strategy, targetFacts),
    options: {
      ...{ name, leaveSource, healthCommand },
      ...{ image: options.image, imageArchive: options.imageArchive },
      ...{ hookBefore: options.hookBefore, hookAfter: options.hookAfter },
      cpu: options.cpu ?? false,
      rollback: options.rollback ?? true,
    },
    criuDirectory: criu?.binDirectory,
    dumpSettings: dumpSettingsOf(configuration),
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

/** The OCI runtime that is used on the target. */
export function runtimeOf(strategy: Strategy, facts: TargetFacts): OciRuntime | undefined {
  if (strategy === "replatform") return;
  return strategy === "restore" ? chooseRestoreRuntime(facts) : chooseRuntime(facts);
}
