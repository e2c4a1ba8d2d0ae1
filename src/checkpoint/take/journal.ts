import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ContainerRecord } from "../../engine/docker/engine.ts";
import type { EngineName } from "../../engine/engine-name.ts";
import { MigrationError, messageOf } from "../../errors.ts";
import { recordOfError } from "../../migration/carry-out.ts";
import { ControlServer } from "../../migration/control/server.ts";
import { type EntryListener, Journal } from "../../migration/journal/journal.ts";
import { localSides } from "../../migration/local-sides.ts";
import { containerName, type Side, willMake } from "../../migration/move.ts";
import { newMoveId } from "../../migration/move-id.ts";
import type { MadeObject } from "../../migration/objects/made-object.ts";
import { undoAll } from "../../migration/rollback.ts";
import { asMigrationError } from "../../migration/step-runner.ts";
import { toolVersion } from "../../migration/version.ts";
import { type CheckpointListener, CheckpointSteps } from "./events.ts";

export interface CheckpointBegin {
  /** That has the container. */
  readonly engine: EngineName;
  readonly container: ContainerRecord;
  /** The archive's path. */
  readonly output: string;
  /** The folder in which the copies get one of their own. */
  readonly parent: string;
  /** Whether the container is ended once the archive is written. */
  readonly stop: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: CheckpointListener | undefined;
  readonly afterEntry?: EntryListener | undefined;
}

/**
 * The journal of one checkpoint, and its ear for other terminals: whatever is made is written down before, so that `recover` can undo it when
 * the tool is ended by force.
 */
export class CheckpointJournal implements AsyncDisposable {
  readonly steps: CheckpointSteps;
  /** Aborted by the caller's own, and by `cancel` from another terminal. */
  readonly signal: AbortSignal;
  readonly #id: string;
  readonly #output: string;
  readonly #container: ContainerRecord;
  readonly #journal: Journal;
  readonly #control: ControlServer;
  readonly #folder: string;
  #made: MadeObject[] = [];
  #isWritten = false;

  private constructor(
    id: string,
    { container, output, parent, signal, onEvent }: CheckpointBegin,
    journal: Journal,
    control: ControlServer,
  ) {
    this.#id = id;
    this.#output = output;
    this.#container = container;
    this.#journal = journal;
    this.#control = control;
    this.#folder = folderOf(parent, id);
    this.signal = signal === undefined ? control.signal : AbortSignal.any([signal, control.signal]);
    const listener: CheckpointListener = (event) => {
      control.follow(event);
      onEvent?.(event);
    };
    this.steps = new CheckpointSteps(listener, (step) => journal.write({ kind: "step", step }));
  }

  static async begin(begin: CheckpointBegin): Promise<CheckpointJournal> {
    const { engine, container, output, stop, parent, afterEntry } = begin;
    const id = newMoveId();
    await using stack = new AsyncDisposableStack();
    const control = stack.use(await ControlServer.start(id));
    const journal = stack.use(await Journal.create(id, afterEntry));
    const name = containerName({ container });
    await journal.write({
      ...{ kind: "begin", operation: "checkpoint", archive: output, target: "local", sourceEngine: engine },
      ...{
        container: name,
        name,
        containerId: container.Id,
        startedAt: container.State.StartedAt,
        leaveSource: stop ? "stopped" : "running",
      },
      ...{ workDirectory: folderOf(parent, id), tool: toolVersion },
    });
    stack.move();
    return new CheckpointJournal(id, begin, journal, control);
  }

  /** Makes the private folder for the copies. It will hold the memory of processes. */
  async makeFolder(): Promise<string> {
    const path = this.#folder;
    await this.#willMake({ object: "work", path });
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await mkdir(path, { mode: 0o700 });
    return path;
  }

  async willFreeze(container: ContainerRecord): Promise<void> {
    await this.#willMake({ object: "freeze", id: container.Id, name: containerName({ container }) });
  }

  async willWrite(path: string): Promise<void> {
    await this.#willMake({ object: "file", path });
  }

  async thawed(): Promise<void> {
    await this.#isUndone("freeze");
  }

  /** The archive is whole and has its name. From here on a checkpoint that was to stop the container is completed, not undone. */
  async written(): Promise<void> {
    this.#isWritten = true;
    await this.#isUndone("file");
    await this.#journal.write({ kind: "committed" });
  }

  /** Removes the copies. The archive is there, so that this fails is no failure of the checkpoint: `recover` does it then. */
  async end(): Promise<void> {
    try {
      await rm(this.#folder, { recursive: true, force: true });
      await this.#journal.write({ kind: "end", status: "taken" });
    } catch (error) {
      const remains = [`folder ${this.#folder} (${messageOf(error)})`];
      await this.#journal.write({ kind: "stuck", error: undefined, remains }).catch(() => {});
    }
  }

  /** Lets the container go on and removes all that was made. @returns the error to throw */
  async undo(thrown: unknown, local: Side): Promise<MigrationError> {
    const error = asMigrationError(thrown, this.signal);
    // That it can't be noted (a full disk) must not keep the container frozen.
    const note = (entry: Parameters<Journal["write"]>[0]) => this.#journal.write(entry).catch(() => {});
    if (this.#isWritten && !(await this.#goesOn(local))) {
      // The archive is all that is left of it.
      await note({ kind: "stuck", error: recordOfError(error), remains: [`folder ${this.#folder}`] });
      return error;
    }
    await note({ kind: "rollback", error: recordOfError(error) });
    const { remains } = await undoAll([{ moveId: this.#id, made: this.#made, journal: this.#journal }], {
      sides: localSides(local),
      targetStarted: false,
    });
    if (this.#isWritten) await rm(this.#output, { force: true });
    if (remains.length === 0) {
      await note({ kind: "end", status: "rolled-back", error: recordOfError(error) });
      return error;
    }
    await note({ kind: "stuck", error: recordOfError(error), remains });
    return new MigrationError("rollback-failed", `${error.message}; and this is left: ${remains.join("; ")}`, {
      host: "local",
      remedy: `When the cause is mended: \`migrate-container recover ${this.#id}\`.`,
      cause: error,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal[Symbol.asyncDispose]();
    await this.#control[Symbol.asyncDispose]();
  }

  async #goesOn({ engine }: Side): Promise<boolean> {
    const { Id: id, State: before } = this.#container;
    const { State: now } = await engine.inspect(id);
    return now.Running && now.StartedAt === before.StartedAt;
  }

  async #willMake(object: MadeObject): Promise<void> {
    await willMake({ journal: this.#journal, made: this.#made }, object);
  }

  async #isUndone(name: MadeObject["object"]): Promise<void> {
    for (const object of this.#made) if (object.object === name) await this.#journal.write({ kind: "undone", object });
    this.#made = this.#made.filter(({ object }) => object !== name);
  }
}

function folderOf(parent: string, id: string): string {
  return join(parent, `checkpoint-${id}`);
}
