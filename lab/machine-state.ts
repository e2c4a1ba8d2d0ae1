import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isAlive } from "./lock.ts";
import { runFolder } from "./paths.ts";
import { sshConfigFile } from "./ssh-config.ts";

/** What is remembered of a started machine, in its run folder. */
export interface MachineState {
  /** The one process whose end is the machine's end. */
  readonly processId: number;
  /** The recipe that the machine was made from. */
  readonly key: string;
  /** The IPv4 address under which this host reaches it. */
  readonly address: string;
  /** Port of the machine → port at `address`. */
  readonly ports: Readonly<Record<number, number>>;
}

/** The run folder of a machine. It is part of the machine's command line, by which its process is known again. */
export function machineFolder(name: string): string {
  return join(runFolder, name);
}

/** The state of the machine, or undefined when it isn't running. */
export async function runningState(name: string): Promise<MachineState | undefined> {
  const text = await readFile(stateFile(name), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as MachineState;
  return (await isOwnProcess(name, state.processId)) ? state : undefined;
}

/** Writes the state, whole or not at all. */
export async function writeState(name: string, state: MachineState): Promise<void> {
  await mkdir(machineFolder(name), { recursive: true });
  await writeFile(`${stateFile(name)}.partial`, JSON.stringify(state));
  await rename(`${stateFile(name)}.partial`, stateFile(name));
}

/** Ends the machine's process if it is still that machine's, and forgets it. */
export async function endMachine(name: string): Promise<boolean> {
  const state = await runningState(name);
  if (state !== undefined) {
    process.kill(state.processId, "SIGTERM");
    for (let waited = 0; waited < 5_000 && isAlive(state.processId); waited += 100) await setTimeout(100);
    if (await isOwnProcess(name, state.processId)) process.kill(state.processId, "SIGKILL");
    while (await isOwnProcess(name, state.processId)) await setTimeout(50);
  }
  await rm(stateFile(name), { force: true });
  return state !== undefined;
}

/** The arguments of `ssh` before the command. */
export function sshParameters(name: string): string[] {
  return ["-F", sshConfigFile, name];
}

function stateFile(name: string): string {
  return join(machineFolder(name), "state.json");
}

/** Process ids are used again: the command line has to name the machine's folder. */
async function isOwnProcess(name: string, processId: number): Promise<boolean> {
  const commandLine = await readFile(`/proc/${processId}/cmdline`, "utf8").catch(() => "");
  return commandLine.includes(machineFolder(name));
}
