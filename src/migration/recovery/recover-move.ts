import { MigrationError } from "../../errors.ts";
import { isLocal, openLocalHost } from "../../host/local.ts";
import { openHost } from "../../host/open.ts";
import { recordOfError } from "../carry-out.ts";
import { cleanUp, endSource, stopRestarted } from "../finish.ts";
import { type BeginEntry, doneBy, type EndEntry } from "../journal/entry.ts";
import { Journal } from "../journal/journal.ts";
import type { MoveRecord } from "../journal/move-record.ts";
import { readJournal } from "../journal/read-journals.ts";
import { claimOf, lockContainer } from "../lock.ts";
import type { Side } from "../move.ts";
import type { Role } from "../objects/made-object.ts";
import { findCopy } from "../objects/target-copy.ts";
import { type Sides, undoAll } from "../rollback.ts";
import { openSide } from "../sides.ts";
import { dumpFolderThere } from "../source/dump-folder.ts";
import { validateCopy } from "../validation/validate-copy.ts";
import { type CopyState, type Decision, decide, type SourceState } from "./decide.ts";
import { lookAtSource, lookAtTarget } from "./look.ts";
import { waitForOrphans } from "./orphans.ts";
import { recoverCheckpoint } from "./recover-checkpoint.ts";
import type { RecoveredMove, RecoverOptions } from "./recovered.ts";

/** Processes that the tool left behind may take as long as CRIU's own time-out to end. */
const orphanMs = 30_000;

/**
 * Ends a move that was interrupted: by its journal and by what is found on both machines, exactly one container is left.
 * A move that has ended is told as it ended.
 * @throws MigrationError `already-migrating` when it is still under way, `no-such-move` when there is no such move
 */
export async function recoverMove(id: string, options: RecoverOptions = {}): Promise<RecoveredMove> {
  const known = await readJournal(id);
  if (known === undefined)
    throw new MigrationError("no-such-move", `there is no move ${id}`, { remedy: "`migrate-container history` lists all." });
  await using stack = new AsyncDisposableStack();
  stack.use(await lockContainer(claimOf(known.begin), known.begin.container));
  // Read again: it may have ended while the lock was not held.
  const move = (await readJournal(id))!;
  await waitForProcesses(move.begin, move.id, { ...options, stack });
  const journal = stack.use(await Journal.resume(id));
  return move.begin.operation === "checkpoint"
    ? await recoverCheckpoint(move, journal, options)
    : await new Recovery(move, journal, options, stack).run();
}

/** Those of this machine, and CRIU on a source that is another one. */
async function waitForProcesses(
  { workDirectory, source = "local", sshConfig }: BeginEntry,
  id: string,
  { signal, stack }: RecoverOptions & { readonly stack: AsyncDisposableStack },
): Promise<void> {
  await waitForOrphans(openLocalHost(), workDirectory, orphanMs);
  if (isLocal(source)) return;
  const host = stack.use(await openHost(source, { configFile: sshConfig, signal }));
  await waitForOrphans(host, dumpFolderThere(id), orphanMs);
}

/** One move's recovery. */
class Recovery {
  readonly #move: MoveRecord;
  readonly #journal: Journal;
  readonly #options: RecoverOptions;
  readonly #stack: AsyncDisposableStack;
  readonly #opened = new Map<Role, Promise<Side>>();
  /** Why the target can't be reached. */
  #targetError: MigrationError | undefined;

  constructor(move: MoveRecord, journal: Journal, options: RecoverOptions, stack: AsyncDisposableStack) {
    this.#move = move;
    this.#journal = journal;
    this.#options = options;
    this.#stack = stack;
  }

  async run(): Promise<RecoveredMove> {
    // The container of the archive's id, if there is one, is none of a restore's affairs.
    const source = this.#isRestore ? "lost" : await lookAtSource(await this.#side("source"), this.#move);
    const copy = await this.#lookAtCopy();
    const decision = decide(this.#move, { source, copy, preferSource: this.#options.preferSource ?? false });
    this.#say((this.#isRestore ? restoreWords : words)[decision](this.#move));
    if (decision === "wait") return await this.#wait(decision);
    if (decision === "complete") return await this.#complete(decision);
    if (decision === "roll-back") return await this.#rollBack(decision, source);
    try {
      const target = await this.#side("target");
      const { expectation, begin } = this.#move;
      const { Id } = (await findCopy(target.engine, this.#move.id))!;
      await validateCopy(target, Id, {
        expectation: { ...expectation!, processes: expectation!.processes.slice(0, 1), memory: [] },
        healthCommand: begin.healthCommand,
        signal: this.#options.signal,
      });
    } catch (error) {
      if (source === "lost" || !(error instanceof MigrationError) || error.code !== "validation-failed") throw error;
      this.#say(`The copy is not as it should be: ${error.message}`);
      return await this.#rollBack("roll-back", source);
    }
    await this.#journal.write({ kind: "committed" });
    return await this.#complete(decision);
  }

  #side(role: Role): Promise<Side> {
    const { source = "local", sourceEngine, target, targetEngine, sshConfig, operation } = this.#move.begin;
    // Nothing that a restore's recovery does may reach a container of this machine, where the one of the archive may still run.
    if (role === "source" && operation === "restore") throw new Error("a restore has no source");
    let side = this.#opened.get(role);
    if (side === undefined) {
      const options = { sshConfig, signal: this.#options.signal };
      const [machine, engine] = role === "source" ? [source, sourceEngine] : [target, targetEngine];
      side = openSide(machine, this.#stack, options, engine);
      this.#opened.set(role, side);
    }
    return side;
  }

  #sides(): Sides {
    return {
      side: (role) => this.#side(role),
      name: (role) => (role === "source" ? (this.#move.begin.source ?? "local") : this.#move.begin.target),
    };
  }

  async #lookAtCopy(): Promise<CopyState> {
    try {
      return await lookAtTarget(await this.#side("target"), this.#move);
    } catch (error) {
      const unreachable = error instanceof MigrationError && ["target-unreachable", "engine-unavailable"].includes(error.code);
      if (!unreachable) throw error;
      this.#targetError = error;
      return "unreachable";
    }
  }

  async #rollBack(decision: Decision, source: SourceState): Promise<RecoveredMove> {
    const { made, steps, stuck, id } = this.#move;
    // Nothing to thaw: what was frozen is gone.
    const left = source === "lost" ? made.filter(({ object }) => object !== "freeze") : made;
    const { thawed, remains } = await undoAll(left, {
      moveId: id,
      sides: this.#sides(),
      journal: this.#journal,
      targetStarted: steps.some(({ step }) => step === "start"),
      onUndone: (_object, title, error) => this.#say(error === undefined ? title : `could not: ${title} (${error.message})`),
    });
    if (!thawed || remains.length > 0) {
      const error = this.#targetError ?? new MigrationError("rollback-failed", `not everything of move ${id} could be undone`);
      return await this.#remain(thawed ? "rolled-back" : "stuck", decision, remains, error, thawed && source === "alive");
    }
    await this.#end({ kind: "end", status: "rolled-back", error: stuck?.error });
    if (this.#isRestore) return this.#result(decision, "rolled-back", false);
    const { engine } = await this.#side("source");
    const { containerId } = this.#move.begin;
    const running = (await engine.find(containerId))?.State.Running === true;
    return { ...this.#result(decision, "rolled-back", running), memoryLost: source === "lost" };
  }

  /** Does what is left to do of a committed move. */
  async #complete(decision: Decision): Promise<RecoveredMove> {
    const { begin, id } = this.#move;
    const target = await this.#side("target");
    const copy = await findCopy(target.engine, id);
    if (!this.#isRestore) await this.#endSource(copy?.State.Running === true);
    await cleanUp({ moveId: id, target, workDirectory: begin.workDirectory, targetContainerId: copy?.Id ?? "none" });
    const status = doneBy[begin.operation];
    await this.#end({ kind: "end", status, targetContainerId: copy?.Id });
    return this.#result(decision, status, copy?.State.Running ?? false);
  }

  async #endSource(copyRuns: boolean): Promise<void> {
    const { begin } = this.#move;
    const source = await this.#side("source");
    if (begin.leaveSource === "running") return;
    if ((await lookAtSource(source, this.#move)) === "alive") {
      await endSource(source, await source.engine.inspect(begin.containerId), begin.leaveSource);
      this.#say(`ended ${begin.container} on ${sourceOf(begin)}`);
    } else if (copyRuns && (await stopRestarted(source, begin.containerId))) {
      this.#say(`stopped ${begin.container} on ${sourceOf(begin)}: it had been started anew, without its memory`);
    }
  }

  get #isRestore(): boolean {
    return this.#move.begin.operation === "restore";
  }

  async #wait(decision: Decision): Promise<RecoveredMove> {
    const { begin, committed } = this.#move;
    if (this.#isRestore) {
      const remains = [`what the restore made on ${begin.target}`];
      return await this.#remain("stuck", decision, remains, this.#targetError!, undefined);
    }
    const remains = committed
      ? [`the copy on ${begin.target} is the container; ${begin.container} on ${sourceOf(begin)} is still to be ended`]
      : [`${begin.container} on ${sourceOf(begin)} stays frozen, since its copy on ${begin.target} may run`];
    return await this.#remain("stuck", decision, remains, this.#targetError!, undefined);
  }

  async #remain(
    status: "rolled-back" | "stuck",
    decision: Decision,
    remains: readonly string[],
    error: MigrationError,
    running: boolean | undefined,
  ): Promise<RecoveredMove> {
    await this.#journal.write({ kind: "stuck", error: recordOfError(error), remains });
    return { ...this.#result(decision, status, running), remains, error };
  }

  async #end(entry: EndEntry): Promise<void> {
    await this.#journal.write({ ...entry, recovered: true });
  }

  #result(decision: Decision, status: RecoveredMove["status"], running: boolean | undefined): RecoveredMove {
    const { id, begin } = this.#move;
    const { operation, archive, container, source = "local", sourceEngine = "docker", target } = begin;
    const what = { id, operation, archive, container, source, sourceEngine, target };
    return { ...what, decision, status, running, memoryLost: false, remains: [] };
  }

  #say(text: string): void {
    this.#options.onProgress?.(text);
  }
}

function sourceOf({ source = "local" }: BeginEntry): string {
  return isLocal(source) ? "this machine" : source;
}

const words: Readonly<Record<Decision, (move: MoveRecord) => string>> = {
  "roll-back": ({ begin }) => `going back: ${begin.container} stays on ${sourceOf(begin)}`,
  finish: ({ begin }) => `going forward: the copy on ${begin.target} has gone on`,
  complete: ({ begin }) => `the move was committed: ${begin.target} has the container`,
  wait: ({ begin }) => `${begin.target} can't be reached, and its copy may run`,
};

const restoreWords: typeof words = {
  ...words,
  "roll-back": ({ begin }) => `going back: what was made on ${begin.target} is removed; the archive is as it was`,
  complete: ({ begin }) => `the restore was committed: ${begin.target} has the container`,
  wait: ({ begin }) => `${begin.target} can't be reached, and ${begin.name} may run there`,
};
