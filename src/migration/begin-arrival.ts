import { join } from "node:path";
import { chooseExecution, chooseRestoreRuntime, chooseRuntime } from "../compatibility/execution.ts";
import type { Strategy } from "../compatibility/strategy.ts";
import type { Subject } from "../compatibility/subject.ts";
import type { OciRuntime, TargetFacts } from "../compatibility/target-facts.ts";
import { transferOf } from "../transfer/settings.ts";
import { ControlServer } from "./control/server.ts";
import type { BeginEntry } from "./journal/entry.ts";
import { Journal } from "./journal/journal.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { type Arrival, containerName, type Side } from "./move.ts";
import { defaultWorkDirectory } from "./state-paths.ts";
import { ownHealthCommand } from "./validation/health.ts";
import { toolVersion } from "./version.ts";

export interface ArrivalBegin {
  readonly id: string;
  readonly strategy: Strategy;
  readonly target: Side;
  /** The container as it shall be made. */
  readonly subject: Subject;
  readonly targetFacts: TargetFacts;
  /** The name on the target. */
  readonly name: string;
  /** The ids of the moves that are committed together with it, itself among them; undefined for a move alone. */
  readonly group?: readonly string[] | undefined;
  /** As of `performance.now()`. */
  readonly begin: number;
  readonly signal: AbortSignal | undefined;
}

type RunOptions = Pick<
  MigrateOptions,
  "healthCommand" | "cpu" | "rollback" | "transfer" | "sshConfig" | "configuration" | "onEvent" | "afterStep" | "afterEntry"
>;

/**
 * Opens the journal of a container's arrival on the target, and its ear for other terminals. Both are closed with the stack.
 * @param entry what the journal tells of where the container comes from
 */
export async function beginArrival(
  { id, strategy, target, subject, targetFacts, name, group, begin, signal }: ArrivalBegin,
  entry: Pick<BeginEntry, "operation" | "archive" | "source" | "sourceEngine" | "startedAt" | "leaveSource">,
  options: RunOptions,
  stack: AsyncDisposableStack,
): Promise<Omit<Arrival, "source" | "criuDirectory">> {
  const { container } = subject;
  const healthCommand = options.healthCommand ?? ownHealthCommand(container);
  const workDirectory = join(options.configuration?.workDirectory ?? defaultWorkDirectory(), id);
  const control = stack.use(await ControlServer.start(id));
  const journal = stack.use(await Journal.create(id, options.afterEntry));
  await journal.write({
    kind: "begin",
    ...entry,
    container: containerName({ container }),
    containerId: container.Id,
    target: target.host.name,
    targetEngine: target.engine.name,
    sshConfig: options.sshConfig,
    ...{ strategy, name, healthCommand, workDirectory, group },
    tool: toolVersion,
  });
  const emit: Arrival["emit"] = (event) => {
    const timed = { ...event, atMs: performance.now() - begin };
    control.follow(timed);
    options.onEvent?.(timed);
  };
  return {
    ...{ id, strategy, container, target, subject, targetFacts, journal, workDirectory, emit },
    execution: strategy === "resume" ? chooseExecution(subject, targetFacts) : undefined,
    runtime: runtimeOf(strategy, targetFacts),
    options: {
      name,
      healthCommand,
      cpu: options.cpu ?? false,
      rollback: options.rollback ?? true,
      transfer: transferOf(options.transfer),
    },
    signal: signal === undefined ? control.signal : AbortSignal.any([signal, control.signal]),
    made: [],
    notes: [],
    progress: (step, bytes, totalBytes) => emit({ type: "bytes", step, bytes, totalBytes }),
    afterStep: options.afterStep,
    bytesSent: 0,
    memoryBytes: 0,
    fileBytes: 0,
    targetStarted: false,
  };
}

/** The OCI runtime that is used on the target. */
export function runtimeOf(strategy: Strategy, facts: TargetFacts): OciRuntime | undefined {
  if (strategy === "replatform") return;
  return strategy === "restore" ? chooseRestoreRuntime(facts) : chooseRuntime(facts);
}
