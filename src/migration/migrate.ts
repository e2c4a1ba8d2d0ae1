import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { examineLive } from "../compatibility/examine.ts";
import { chooseExecution, chooseRuntime } from "../compatibility/execution.ts";
import { findingsFor, type Report } from "../compatibility/report.ts";
import { readSubject, type Subject } from "../compatibility/subject.ts";
import { readTargetFacts, type TargetFacts } from "../compatibility/target-facts.ts";
import { requireCriu } from "../criu/bundle/find-criu.ts";
import { MigrationError } from "../errors.ts";
import { carryOut } from "./carry-out.ts";
import { readEmulatorDescription } from "./emulator-file.ts";
import type { EventListener, StepName } from "./events.ts";
import { Journal } from "./journal.ts";
import { lockContainer } from "./lock.ts";
import type { Move, Side } from "./move.ts";
import { describePlan } from "./plan.ts";
import type { MigrationResult } from "./result.ts";
import { Rollback } from "./rollback.ts";
import { openSide } from "./sides.ts";
import { workDirectory } from "./state-paths.ts";
import { containerName } from "./steps/dump.ts";
import { toolVersion } from "./version.ts";

export interface MigrateOptions {
  /** Name or id of a running container of this machine's Docker. */
  readonly container: string;
  /** `ssh://[user@]host[:port]`. */
  readonly target: string;
  /** The name on the target. Default: the same. */
  readonly name?: string;
  /** What becomes of the source's container after the move. Default: `stopped`. */
  readonly leaveSource?: "stopped" | "removed";
  /** Run in the moved container before the commit; another exit status than 0 rolls the move back. */
  readonly healthCommand?: readonly string[];
  /** Only say what would happen. */
  readonly dryRun?: boolean;
  /** Milliseconds after which the move is rolled back. Default: none. */
  readonly timeoutMs?: number;
  /** An OpenSSH configuration file to use instead of the user's. */
  readonly sshConfig?: string;
  /** A file that describes the emulator to use on the target. Default: $MIGRATE_CONTAINER_EMULATOR, else the one of its binfmt_misc. */
  readonly emulator?: string;
  /** Whether the result's notes tell what was chosen anew for the target's CPU. */
  readonly cpu?: boolean;
  /** Rolls the move back when aborted before the commit. */
  readonly signal?: AbortSignal;
  readonly onEvent?: EventListener;
  /** Called after each step, before the next. Tests use it to cause faults. */
  readonly afterStep?: (step: StepName) => Promise<void>;
}

/**
 * Moves a running container to another machine, where it goes on where it was. Until the commit the source's memory stays
 * where it is: any failure removes what was made on the target and lets the source go on.
 * @throws MigrationError only when nothing was begun: `usage`, `target-unreachable`, `engine-unavailable`, `container-not-found`, `already-migrating`
 */
export async function migrate(options: MigrateOptions): Promise<MigrationResult> {
  const signal = signalOf(options);
  await using stack = new AsyncDisposableStack();
  const source = await openSide("local", stack, { ...options, signal });
  const target = await openSide(options.target, stack, { ...options, signal });
  const begin = performance.now();
  const look = () => readSubject(source.engine, options.container, { signal });
  const emulator = await readEmulatorDescription(options.emulator);
  const [subject, targetFacts] = await Promise.all([look(), readTargetFacts(target.host, target.engine, { signal, emulator })]);
  const name = options.name ?? containerName({ container: subject.container });
  const report = await examineLive(subject, targetFacts, { name }, look);
  const common = { id: newId(), container: containerName({ container: subject.container }), target: target.host.name, report };
  if (report.verdicts.resume === "blocked") return { ...common, ...nothingDone, status: "refused", error: refusal(report) };
  if (options.dryRun === true)
    return { ...common, ...nothingDone, status: "planned", plan: describePlan(subject, targetFacts, options) };
  stack.use(await lockContainer(subject.container.Id, common.container));
  const move = await beginMove({ ...common, source, target, subject, targetFacts, begin, signal }, options, stack);
  const { ending, steps, figures } = await carryOut(move, begin);
  return { ...common, steps, figures, notes: move.notes, ...ending };
}

const nothingDone = {
  steps: [],
  notes: [],
  figures: { downtimeMs: 0, frozenMs: 0, totalMs: 0, bytesSent: 0, memoryBytes: 0 },
} as const;

function signalOf({ signal, timeoutMs }: MigrateOptions): AbortSignal | undefined {
  if (timeoutMs === undefined) return signal;
  const timeout = new AbortController();
  const seconds = Math.round(timeoutMs / 1000);
  const reason = new MigrationError("cancelled", `the move took longer than ${seconds} s`, {
    remedy: "Give it more time with --timeout.",
  });
  setTimeout(() => timeout.abort(reason), timeoutMs).unref();
  return signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]);
}

/** Sorts by time, and is a valid file name. */
function newId(): string {
  return `${new Date()
    .toISOString()
    .replaceAll(/[-:.TZ]/g, "")
    .slice(0, 14)}-${randomBytes(3).toString("hex")}`;
}

function refusal(report: Report): MigrationError {
  const blockers = findingsFor(report, ["resume"]).filter(({ severity }) => severity === "blocker");
  const [first] = blockers;
  return new MigrationError("incompatible", blockers.map(({ seen }) => seen).join("; "), {
    ...(first === undefined ? {} : { host: first.host }),
    ...(first?.remedy === undefined
      ? {}
      : {
          remedy: blockers
            .map(({ remedy }) => remedy)
            .filter((text) => text !== undefined)
            .join(" "),
        }),
    details: { rules: blockers.map(({ rule }) => rule) },
  });
}

interface Begin {
  readonly id: string;
  readonly source: Side;
  readonly target: Side;
  readonly subject: Subject;
  readonly targetFacts: TargetFacts;
  readonly begin: number;
  readonly signal: AbortSignal | undefined;
}

async function beginMove(
  { id, source, target, subject, targetFacts, begin, signal }: Begin,
  options: MigrateOptions,
  stack: AsyncDisposableStack,
): Promise<Move> {
  const [execution, runtime] = [chooseExecution(subject, targetFacts), chooseRuntime(targetFacts)];
  if (execution === undefined || runtime === undefined)
    throw new Error("examine() let a target pass that can't run the container");
  const { binDirectory } = await requireCriu();
  const journal = stack.use(await Journal.create(id));
  const { container } = subject;
  await journal.write({
    kind: "begin",
    container: containerName({ container }),
    containerId: container.Id,
    target: target.host.name,
    tool: toolVersion,
  });
  const directory = workDirectory(id);
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  await mkdir(directory, { mode: 0o700 });
  const emit: Move["emit"] = (event) => options.onEvent?.({ ...event, atMs: performance.now() - begin });
  return {
    id,
    container,
    source,
    target,
    subject,
    targetFacts,
    execution,
    runtime,
    options: {
      name: options.name ?? containerName({ container }),
      leaveSource: options.leaveSource ?? "stopped",
      healthCommand: options.healthCommand,
      cpu: options.cpu ?? false,
    },
    criuDirectory: binDirectory,
    signal,
    journal,
    rollback: new Rollback(journal),
    workDirectory: directory,
    notes: [],
    emit,
    progress: (step, bytes, totalBytes) => emit({ type: "bytes", step, bytes, totalBytes }),
    afterStep: options.afterStep,
    bytesSent: 0,
    memoryBytes: 0,
    targetStarted: false,
  };
}
