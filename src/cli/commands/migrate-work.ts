import { MigrationError } from "../../errors.ts";
import { placeOf } from "../../host/words.ts";
import type { StepName } from "../../migration/events.ts";
import type { MigrationResult } from "../../migration/result.ts";
import { type ExitCode, exitCodeOfResult, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import type { MigrateRequest } from "../library.ts";
import { isBefore, leftBehindLines } from "../output/left-behind.ts";
import { printResult } from "../output/result.ts";
import type { CommandWork } from "../run-command.ts";
import { readSessionConfiguration, type Session } from "../session.ts";
import { runForward } from "./forward.ts";
import { isGroup, type MovedWords, membersOf, nameOf } from "./group-words.ts";
import type { MigrateCommandOptions } from "./migrate.ts";
import { networkingOf } from "./networking-options.ts";
import { transferSettingsOf } from "./transfer-options.ts";

/** One run of `migrate`. */
export class MigrateWork implements CommandWork {
  readonly failure = "Not migrated";
  readonly stateAfterFailure = ["Nothing was changed."];
  readonly #words: MovedWords & { readonly target: string };
  readonly #options: MigrateCommandOptions;
  /** The last step that was begun. */
  #step: StepName | undefined;
  #isForwarding = false;

  constructor(words: MovedWords & { readonly target: string }, options: MigrateCommandOptions) {
    this.#words = words;
    this.#options = options;
  }

  get #source(): string {
    return this.#options.from ?? "local";
  }

  async run(session: Session): Promise<ExitCode> {
    if (!(await this.#isConfirmed(session))) return exitCodes.refused;
    const { results, document } = await this.#move(session);
    session.progress.close();
    if (session.json) session.print([toJson(document, 2)]);
    else printResult(results, { words: this.#words, options: this.#options }, session);
    const first = results[0]!;
    if (first.status === "migrated" && this.#options.forward === true) {
      this.#isForwarding = true;
      return await runForward(first.id, session, true);
    }
    return exitCodeOfResult(first, session.signal.aborted);
  }

  /** @returns what came of each, which all end alike, and what is printed as JSON */
  async #move(session: Session): Promise<{ readonly results: readonly MigrationResult[]; readonly document: unknown }> {
    const { library } = session;
    const request = await this.#request(session);
    if (isGroup(this.#words)) {
      if (this.#options.forward === true) throw forwardsOne();
      const document = await library.migrateGroup({ ...request, ...membersOf(this.#words) });
      return { results: document.members, document };
    }
    const document = await library.migrate({ ...request, container: this.#words.containers[0]! });
    return { results: [document], document };
  }

  /** Asks before what can't be undone, where somebody can answer; a script has asked for it by its options. */
  async #isConfirmed({ confirm, json }: Session): Promise<boolean> {
    const { strategy, leaveSource, dryRun, yes } = this.#options;
    if (yes === true || dryRun === true || json) return true;
    const losses = [
      ...(strategy === "replatform" ? ["its memory is lost: the program starts anew"] : []),
      ...(leaveSource === "removed" ? [`after the move it is removed ${placeOf(this.#source)}, with what only it has`] : []),
    ];
    if (losses.length === 0) return true;
    return await confirm(`Move ${nameOf(this.#words)} to ${this.#words.target}: ${losses.join("; ")}. Go on?`);
  }

  onInterrupt(): string {
    if (this.#isForwarding) return "ending. Nothing is forwarded any more.";
    if (this.#step === undefined) return "ending. Nothing was changed.";
    return isBefore(this.#step, "commit")
      ? `undoing the move, so that the container goes on ${placeOf(this.#source)}. Once more ends at once and leaves the rest to \`recover\`.`
      : "too late to undo: the container runs on the target, and the move is being completed.";
  }

  leftBehind(): string[] {
    if (this.#step === undefined || this.#isForwarding) return [];
    const { containers, target } = this.#words;
    return leftBehindLines({ name: nameOf(this.#words), containers, source: this.#source, target, step: this.#step });
  }

  async #request(session: Session): Promise<Omit<MigrateRequest, "container">> {
    const { signal, progress } = session;
    const { name, leaveSource, healthCmd, timeout, targetEngine, sshConfig, emulator, config, cpu, dryRun } = this.#options;
    const { strategy, image, imageArchive, hookBefore, hookAfter, preserveNetworking, preserveVolumes, rollback } = this.#options;
    const { sourceArch, targetArch, bind, bindExists, copyShared, device } = this.#options;
    return {
      source: this.#source,
      target: this.#words.target,
      ...{ leaveSource, strategy, preserveNetworking, preserveVolumes, rollback },
      transfer: transferSettingsOf(this.#options),
      dryRun: dryRun === true,
      configuration: await readSessionConfiguration(session, config),
      signal,
      onEvent: (event) => {
        if (event.type === "step-started") this.#step = event.step;
        progress.onEvent(event);
      },
      ...networkingOf(this.#options),
      ...(name === undefined ? {} : { name }),
      // As Docker's own --health-cmd does it.
      ...(healthCmd === undefined ? {} : { healthCommand: inShell(healthCmd) }),
      ...(hookBefore === undefined ? {} : { hookBefore: inShell(hookBefore) }),
      ...(hookAfter === undefined ? {} : { hookAfter: inShell(hookAfter) }),
      ...(sourceArch === undefined ? {} : { sourceArchitecture: sourceArch }),
      ...(targetArch === undefined ? {} : { targetArchitecture: targetArch }),
      ...(bind === undefined ? {} : { binds: bind }),
      ...(bindExists === undefined ? {} : { bindsThere: bindExists }),
      ...(copyShared === undefined ? {} : { copyShared }),
      ...(device === undefined ? {} : { devices: device }),
      ...(image === undefined ? {} : { image }),
      ...(imageArchive === undefined ? {} : { imageArchive }),
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
      ...(targetEngine === undefined ? {} : { targetEngine }),
      ...(sshConfig === undefined ? {} : { sshConfig }),
      ...(emulator === undefined ? {} : { emulator }),
      ...(cpu === undefined ? {} : { cpu }),
    };
  }
}

function forwardsOne(): MigrationError {
  return new MigrationError("usage", "--forward can't be given with several containers", {
    host: "local",
    remedy: "Leave it out, and run `migrate-container forward` for each after the move.",
  });
}

function inShell(command: string): string[] {
  return ["/bin/sh", "-c", command];
}
