import { machineName } from "../../host/words.ts";
import type { ExaminedItem, MachineOptions, SetUpResult } from "../../setup/set-up-machine.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import { ownCommandLine } from "../output/command-line.ts";
import { machineTable } from "../output/machine-table.ts";
import type { CommandWork } from "../run-command.ts";
import type { Session } from "../session.ts";

export interface MachineSetupOptions {
  readonly testOnly?: true;
  readonly yes?: true;
  readonly kernelFragment?: true;
  readonly kernelConfig?: string;
  readonly sshConfig?: string;
}

function requestOf(target: string, { kernelConfig, sshConfig }: MachineSetupOptions, session: Session): MachineOptions {
  const { signal, progress } = session;
  return { target, kernelConfig, sshConfig, signal, onProgress: (text) => progress.say(text) };
}

/** Prints the options that a kernel must have; of a machine or a configuration, those that it lacks. */
export async function runKernelFragment(
  target: string | undefined,
  options: MachineSetupOptions,
  session: Session,
): Promise<ExitCode> {
  const { library, print, json, signal } = session;
  const { kernelConfig, sshConfig } = options;
  const { fragment, missing } = await library.kernelFragmentFor({ target, kernelConfig, sshConfig, signal });
  print(json ? [toJson({ fragment, options: missing }, 2)] : [fragment.trimEnd()]);
  return exitCodes.done;
}

/** `--test-only`: a table of what works. */
export async function runMachineTest(target: string, options: MachineSetupOptions, session: Session): Promise<ExitCode> {
  const { library, progress, print, json, outputLook: look } = session;
  const result = await library.testMachine(requestOf(target, options, session));
  progress.close();
  const code = result.works ? exitCodes.done : exitCodes.refused;
  if (json) {
    print([toJson(result, 2)]);
    return code;
  }
  const { style, symbols } = look;
  const rows = [...result.items, ...result.trials];
  const bad = rows.filter(({ state }) => state === "mendable" || state === "blocked").length;
  const mender = ownCommandLine(["setup", target], { "ssh-config": options.sshConfig });
  const name = machineName(result.host);
  print([
    style.bold(result.system === "" ? name : `${name}: ${result.system}`),
    ...machineTable(rows, mender, look),
    "",
    result.works
      ? style.green(`${symbols.tick} Containers can be moved to ${name}, as far as it goes.`)
      : style.red(`${symbols.cross} ${bad} of ${rows.length} ${bad === 1 ? "does" : "do"} not work on ${name}.`),
  ]);
  return code;
}

/** What examines and prepares a machine. */
export function runMachineSetup(target: string, options: MachineSetupOptions): CommandWork {
  let isChanging = false;
  const again = `Run \`${ownCommandLine(["setup", target])}\` again: it goes on where it ended.`;
  return {
    failure: "Not set up",
    get stateAfterFailure() {
      return isChanging ? [again] : ["Nothing was changed."];
    },
    onInterrupt: () => (isChanging ? `ending. ${again}` : "ending. Nothing was changed."),
    leftBehind: () => (isChanging ? [again] : []),
    run: async (session) => {
      const result = await session.library.setUpMachine({
        ...requestOf(target, options, session),
        approve: async (items) => {
          isChanging = await approve(items, target, options, session);
          return isChanging;
        },
      });
      session.progress.close();
      return tell(result, target, session);
    },
  };
}

async function approve(
  items: readonly ExaminedItem[],
  target: string,
  { yes }: MachineSetupOptions,
  { json, print, outputLook, canAsk, confirm, progress }: Session,
): Promise<boolean> {
  progress.close();
  if (!json) print(machineTable(items, undefined, outputLook));
  if (yes) return true;
  // A program that reads JSON answers no question.
  if (canAsk && !json) return await confirm(`Shall this be done on ${machineName(target)}?`);
  progress.say(`Nothing was changed: run it with --yes to have this done on ${machineName(target)}.`);
  return false;
}

function tell(result: SetUpResult, target: string, session: Session): ExitCode {
  const { json, print, printError, canAsk, outputLook: look } = session;
  const { status, items, mended, errors } = result;
  const { style, symbols } = look;
  const name = machineName(target);
  const bad = items.filter(({ state }) => state === "blocked" || state === "mendable");
  if (json) print([toJson(result, 2)]);
  if (status === "declined") return canAsk && !json ? exitCodes.interrupted : exitCodes.usage;
  if (!json) {
    const failed = errors.flatMap(({ item, error: { message, remedy } }) => [
      style.red(`${symbols.cross} ${item}: ${message}`),
      ...(remedy === undefined ? [] : [`  Remedy: ${remedy}`]),
    ]);
    printError(failed);
    const done = status === "unchanged" ? "nothing had to be done" : `put right: ${mended.join(", ") || "nothing"}`;
    const summary =
      bad.length === 0
        ? style.green(`${symbols.tick} ${name} is prepared: ${done}.`)
        : style.red(`${symbols.cross} ${name} is not ready yet (${done}): ${bad.map(({ title }) => title).join(", ")}.`);
    print([
      ...(status === "mended" ? ["", ...machineTable(items, undefined, look)] : machineTable(items, undefined, look)),
      "",
      summary,
    ]);
  }
  if (status === "failed") return exitCodes.failed;
  return bad.length === 0 ? exitCodes.done : exitCodes.refused;
}
