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
import { restoreWords, sourceOf, words } from "./words.ts";

/** Processes that the tool left behind may take as long as CRIU's own time-out to end. */
const orphanMs = 30_000;

/**
 * Ends a move that was interrupted, and with it the others of its group: by their journals and by what is found on both machines, exactly one
 * container is left of each, and those of a group on one side.
 * @returns those that had not ended
 * @throws MigrationError `already-migrating` when it is still under way, `no-such-move` when there is no such move
 */
export async function recoverTogether(id: string, options: RecoverOptions = {}): Promise<RecoveredMove[]> {
  const known = await readGroup(id);
  if (known.length === 0)
    throw new MigrationError("no-such-move", `there is no move ${id}`, { remedy: "`migrate-container history` lists all." });
  await using stack = new AsyncDisposableStack();
  const claims = known.map(({ begin }) => ({ claim: claimOf(begin), container: begin.container }));
  for (const { claim, container } of claims.toSorted((a, b) => (a.claim < b.claim ? -1 : 1)))
    stack.use(await lockContainer(claim, container));
  // Read again: they may have ended while the locks were not held.
  const moves = await readGroup(id);
  for (const move of moves) await waitForProcesses(move.begin, move.id, { ...options, stack });
  if (moves.every(({ end }) => end !== undefined)) return [];
  const members: Member[] = [];
  for (const move of moves) members.push({ move, journal: stack.use(await Journal.resume(move.id)) });
  const [{ move: first, journal }] = members as [Member];
  if (first.begin.operation === "checkpoint") return [await recoverCheckpoint(first, journal, options)];
  return await new Recovery(members, options, stack).run();
}

/** The records of a move's group, of those that were begun. */
async function readGroup(id: string): Promise<MoveRecord[]> {
  const ids = (await readJournal(id))?.begin.group ?? [id];
  const records = await Promise.all(ids.map(readJournal));
  return records.filter((record) => record !== undefined);
}

interface Member {
  readonly move: MoveRecord;
  readonly journal: Journal;
}

/** What was found, and is done. */
interface Found extends Member {
  readonly source: SourceState;
  readonly copy: CopyState;
  readonly decision: Decision;
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

/** The recovery of a group's moves, as a rule of one. All are between the same machines. */
class Recovery {
  readonly #members: readonly Member[];
  readonly #begin: BeginEntry;
  readonly #options: RecoverOptions;
  readonly #stack: AsyncDisposableStack;
  readonly #opened = new Map<Role, Promise<Side>>();
  /** Why the target can't be reached. */
  #targetError: MigrationError | undefined;

  constructor(members: readonly Member[], options: RecoverOptions, stack: AsyncDisposableStack) {
    this.#members = members;
    this.#begin = members[0]!.move.begin;
    this.#options = options;
    this.#stack = stack;
  }

  async run(): Promise<RecoveredMove[]> {
    const all = await this.#look();
    const found = all.filter(({ move }) => move.end === undefined);
    for (const { move, decision } of found) this.#say((this.#isRestore ? restoreWords : words)[decision](move));
    const forward = found.every(({ decision }) => decision === "finish");
    if (forward && !(await this.#areValid(found))) return await this.#rollBack(found);
    // One line for all of them.
    if (forward) await found[0]!.journal.write({ kind: "committed" });
    const undone = await this.#rollBack(found.filter(({ decision }) => decision === "roll-back"));
    const results: RecoveredMove[] = [];
    for (const member of found) {
      const rolledBack = undone.find(({ id }) => id === member.move.id);
      if (rolledBack !== undefined) results.push(rolledBack);
      else results.push(await (member.decision === "wait" ? this.#wait(member) : this.#complete(member)));
    }
    return results;
  }

  async #look(): Promise<Found[]> {
    const { preferSource = false } = this.#options;
    const looked = [];
    for (const member of this.#members) {
      // The container of the archive's id, if there is one, is none of a restore's affairs.
      const source = this.#isRestore ? "lost" : await lookAtSource(await this.#side("source"), member.move);
      looked.push({ ...member, source, copy: await this.#lookAtCopy(member.move), preferSource } as const);
    }
    const decisions = decide(looked);
    return looked.map((each, index) => ({ ...each, decision: decisions[index]! }));
  }

  #side(role: Role): Promise<Side> {
    const { source = "local", sourceEngine, target, targetEngine, sshConfig, operation } = this.#begin;
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
    const { source = "local", target } = this.#begin;
    return { side: (role) => this.#side(role), name: (role) => (role === "source" ? source : target) };
  }

  async #lookAtCopy(move: MoveRecord): Promise<CopyState> {
    try {
      return await lookAtTarget(await this.#side("target"), move);
    } catch (error) {
      const unreachable = error instanceof MigrationError && ["target-unreachable", "engine-unavailable"].includes(error.code);
      if (!unreachable) throw error;
      this.#targetError = error;
      return "unreachable";
    }
  }

  /** Whether the copies are as they should be. @throws MigrationError why they are not, where the source has nothing to go back to */
  async #areValid(found: readonly Found[]): Promise<boolean> {
    try {
      const target = await this.#side("target");
      for (const { move } of found) {
        const { expectation, begin, id } = move;
        const { Id } = (await findCopy(target.engine, id))!;
        await validateCopy(target, Id, {
          expectation: { ...expectation!, processes: expectation!.processes.slice(0, 1), memory: [] },
          healthCommand: begin.healthCommand,
          signal: this.#options.signal,
        });
      }
      return true;
    } catch (error) {
      const isLost = found.some(({ source }) => source === "lost");
      if (isLost || !(error instanceof MigrationError) || error.code !== "validation-failed") throw error;
      this.#say(`The copy is not as it should be: ${error.message}`);
      return false;
    }
  }

  async #rollBack(found: readonly Found[]): Promise<RecoveredMove[]> {
    if (found.length === 0) return [];
    const undoing = found.map(({ move, journal, source }) => ({
      moveId: move.id,
      journal,
      // Nothing to thaw: what was frozen is gone.
      made: source === "lost" ? move.made.filter(({ object }) => object !== "freeze") : move.made,
    }));
    const { thawed, remains } = await undoAll(undoing, {
      sides: this.#sides(),
      targetStarted: found.some(({ move }) => move.steps.some(({ step }) => step === "start")),
      onUndone: (_object, title, error) => this.#say(error === undefined ? title : `could not: ${title} (${error.message})`),
    });
    const results: RecoveredMove[] = [];
    for (const member of found) {
      const { move, source } = member;
      const back = { ...member, decision: "roll-back" } as const;
      if (!thawed || remains.length > 0) {
        const failed = new MigrationError("rollback-failed", `not everything of move ${move.id} could be undone`);
        const running = thawed && source === "alive";
        results.push(await this.#remain(back, thawed ? "rolled-back" : "stuck", remains, this.#targetError ?? failed, running));
      } else {
        await this.#end(member, { kind: "end", status: "rolled-back", error: move.stuck?.error });
        results.push({
          ...this.#result(back, "rolled-back", await this.#runsOnSource(move)),
          memoryLost: !this.#isRestore && source === "lost",
        });
      }
    }
    return results;
  }

  async #runsOnSource({ begin }: MoveRecord): Promise<boolean> {
    if (this.#isRestore) return false;
    const { engine } = await this.#side("source");
    return (await engine.find(begin.containerId))?.State.Running === true;
  }

  /** Does what is left to do of a committed move. */
  async #complete(member: Found): Promise<RecoveredMove> {
    const { begin, id } = member.move;
    const target = await this.#side("target");
    const copy = await findCopy(target.engine, id);
    if (!this.#isRestore) await this.#endSource(member.move, copy?.State.Running === true);
    await cleanUp({ moveId: id, target, workDirectory: begin.workDirectory, targetContainerId: copy?.Id ?? "none" });
    const status = doneBy[begin.operation];
    await this.#end(member, { kind: "end", status, targetContainerId: copy?.Id });
    return this.#result(member, status, copy?.State.Running ?? false);
  }

  async #endSource(move: MoveRecord, copyRuns: boolean): Promise<void> {
    const { begin } = move;
    const source = await this.#side("source");
    if (begin.leaveSource === "running") return;
    if ((await lookAtSource(source, move)) === "alive") {
      await endSource(source, await source.engine.inspect(begin.containerId), begin.leaveSource);
      this.#say(`ended ${begin.container} on ${sourceOf(begin)}`);
    } else if (copyRuns && (await stopRestarted(source, begin.containerId))) {
      this.#say(`stopped ${begin.container} on ${sourceOf(begin)}: it had been started anew, without its memory`);
    }
  }

  get #isRestore(): boolean {
    return this.#begin.operation === "restore";
  }

  async #wait(member: Found): Promise<RecoveredMove> {
    const { begin, committed } = member.move;
    if (this.#isRestore) {
      const remains = [`what the restore made on ${begin.target}`];
      return await this.#remain(member, "stuck", remains, this.#targetError!, undefined);
    }
    const remains = committed
      ? [`the copy on ${begin.target} is the container; ${begin.container} on ${sourceOf(begin)} is still to be ended`]
      : [`${begin.container} on ${sourceOf(begin)} stays frozen, since its copy on ${begin.target} may run`];
    return await this.#remain(member, "stuck", remains, this.#targetError!, undefined);
  }

  async #remain(
    member: Found,
    status: "rolled-back" | "stuck",
    remains: readonly string[],
    error: MigrationError,
    running: boolean | undefined,
  ): Promise<RecoveredMove> {
    await member.journal.write({ kind: "stuck", error: recordOfError(error), remains });
    return { ...this.#result(member, status, running), remains, error };
  }

  async #end({ journal }: Member, entry: EndEntry): Promise<void> {
    await journal.write({ ...entry, recovered: true });
  }

  #result({ move, decision }: Found, status: RecoveredMove["status"], running: boolean | undefined): RecoveredMove {
    const { id, begin } = move;
    const { operation, archive, container, source = "local", sourceEngine = "docker", target } = begin;
    const what = { id, operation, archive, container, source, sourceEngine, target };
    return { ...what, decision, status, running, memoryLost: false, remains: [] };
  }

  #say(text: string): void {
    this.#options.onProgress?.(text);
  }
}
