import type { StepName } from "../../migration/events.ts";
import { grantsOf } from "../../migration/restore/grants.ts";
import { type ExitCode, exitCodeOfResult } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import type { RestoreRequest } from "../library.ts";
import { ownCommandLine } from "../output/command-line.ts";
import { isBefore } from "../output/left-behind.ts";
import { printRestored } from "../output/restored.ts";
import type { CommandWork } from "../run-command.ts";
import { readSessionConfiguration, type Session } from "../session.ts";
import type { RestoreCommandOptions } from "./restore.ts";
import { transferSettingsOf } from "./transfer-options.ts";

/** One run of `restore`. */
export class RestoreWork implements CommandWork {
  readonly failure = "Not restored";
  readonly stateAfterFailure = ["Nothing was changed."];
  readonly #file: string;
  readonly #target: string;
  readonly #options: RestoreCommandOptions;
  /** The last step that was begun. */
  #step: StepName | undefined;

  constructor(file: string, target: string, options: RestoreCommandOptions) {
    this.#file = file;
    this.#target = target;
    this.#options = options;
  }

  async run(session: Session): Promise<ExitCode> {
    const result = await session.library.restore(await this.#request(session));
    session.progress.close();
    if (session.json) session.print([toJson(result, 2)]);
    else printRestored(result, this.#options.strategy, session);
    return exitCodeOfResult(result, session.signal.aborted);
  }

  onInterrupt(): string {
    if (this.#step === undefined || this.#step === "open") return "ending. Nothing was changed.";
    return isBefore(this.#step, "commit")
      ? "undoing the restore. Once more ends at once and leaves the rest to `recover`."
      : "too late to undo: the container runs, and the restore is being completed.";
  }

  leftBehind(): string[] {
    if (this.#step === undefined) return [];
    return [`Something may be left of the restore. Run this now: ${ownCommandLine(["recover"], {})}`];
  }

  async #request(session: Session): Promise<RestoreRequest> {
    const { signal, progress } = session;
    const { name, identity, strategy, allow, image, healthCmd, timeout, targetEngine, sshConfig, emulator, config, dryRun } =
      this.#options;
    return {
      ...{ archive: this.#file, target: this.#target, strategy, isAllowed: grantsOf(allow), signal },
      dryRun: dryRun === true,
      transfer: transferSettingsOf(this.#options),
      configuration: await readSessionConfiguration(session, config),
      onEvent: (event) => {
        if (event.type === "step-started") this.#step = event.step;
        progress.onEvent(event);
      },
      ...(name === undefined ? {} : { name }),
      ...(identity === undefined ? {} : { identityFile: identity }),
      ...(image === undefined ? {} : { image }),
      // As Docker's own --health-cmd does it.
      ...(healthCmd === undefined ? {} : { healthCommand: ["/bin/sh", "-c", healthCmd] }),
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
      ...(targetEngine === undefined ? {} : { targetEngine }),
      ...(sshConfig === undefined ? {} : { sshConfig }),
      ...(emulator === undefined ? {} : { emulator }),
    };
  }
}
