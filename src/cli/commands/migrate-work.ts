import type { StepName } from "../../migration/events.ts";
import { type ExitCode, exitCodeOfResult } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import type { MigrateRequest } from "../library.ts";
import { isBefore, leftBehindLines } from "../output/left-behind.ts";
import { printResult } from "../output/result.ts";
import type { CommandWork } from "../run-command.ts";
import { readSessionConfiguration, type Session } from "../session.ts";
import type { MigrateCommandOptions } from "./migrate.ts";

/** One run of `migrate`. */
export class MigrateWork implements CommandWork {
  readonly failure = "Not migrated";
  readonly stateAfterFailure = ["Nothing was changed."];
  readonly #container: string;
  readonly #target: string;
  readonly #options: MigrateCommandOptions;
  /** The last step that was begun. */
  #step: StepName | undefined;

  constructor(container: string, target: string, options: MigrateCommandOptions) {
    this.#container = container;
    this.#target = target;
    this.#options = options;
  }

  async run(session: Session): Promise<ExitCode> {
    const result = await session.library.migrate(await this.#request(session));
    session.progress.close();
    if (session.json) session.print([toJson(result, 2)]);
    else printResult(result, { container: this.#container, target: this.#target, options: this.#options }, session);
    return exitCodeOfResult(result, session.signal.aborted);
  }

  onInterrupt(): string {
    if (this.#step === undefined) return "ending. Nothing was changed.";
    return isBefore(this.#step, "commit")
      ? "undoing the move, so that the container goes on here. Once more ends at once and leaves a mess."
      : "too late to undo: the container runs on the target, and the move is being completed.";
  }

  leftBehind(): string[] {
    if (this.#step === undefined) return [];
    const name = this.#options.name ?? this.#container;
    return leftBehindLines({ container: this.#container, target: this.#target, name, step: this.#step });
  }

  async #request(session: Session): Promise<MigrateRequest> {
    const { signal, progress } = session;
    const { name, leaveSource, healthCmd, timeout, sshConfig, emulator, config, cpu, dryRun } = this.#options;
    return {
      container: this.#container,
      target: this.#target,
      leaveSource,
      dryRun: dryRun === true,
      configuration: await readSessionConfiguration(session, config),
      signal,
      onEvent: (event) => {
        if (event.type === "step-started") this.#step = event.step;
        progress.onEvent(event);
      },
      ...(name === undefined ? {} : { name }),
      // As Docker's own --health-cmd does it.
      ...(healthCmd === undefined ? {} : { healthCommand: ["/bin/sh", "-c", healthCmd] }),
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
      ...(sshConfig === undefined ? {} : { sshConfig }),
      ...(emulator === undefined ? {} : { emulator }),
      ...(cpu === undefined ? {} : { cpu }),
    };
  }
}
