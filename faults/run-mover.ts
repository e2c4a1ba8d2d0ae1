import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { MoverMessage, MoverTask } from "./mover.ts";

export interface Moved {
  /** Undefined when the process was killed. */
  readonly status: string | undefined;
  readonly error: string | undefined;
  /** Names of the journal's entries. Empty when the process was killed. */
  readonly entries: readonly string[];
  /** Whether the fault came about. */
  readonly struck: boolean;
}

/** Longer than any move takes, on an emulated machine too. */
const patienceMs = 240_000;

/** Moves a container in a process of its own. @param strike what happens where the task says, unless the process is to be killed there */
export async function runMover(task: MoverTask, stateFolder: string, strike: () => Promise<void>): Promise<Moved> {
  const child = fork(fileURLToPath(new URL("mover.ts", import.meta.url)), [JSON.stringify(task)], {
    env: { ...process.env, XDG_STATE_HOME: stateFolder },
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  let words = "";
  child.stderr!.on("data", (chunk: Buffer) => {
    words += chunk;
  });
  let moved: Moved = { status: undefined, error: undefined, entries: [], struck: false };
  child.on("message", (message: MoverMessage) => {
    if (message.type === "entries") moved = { ...moved, entries: message.names };
    if (message.type === "ended") moved = { ...moved, status: message.status, error: message.error };
    if (message.type === "struck") {
      moved = { ...moved, struck: true };
      void strike().then(() => child.send("go on"));
    }
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  if (signal === "SIGKILL" && task.strike?.fault === "kill") return { ...moved, struck: true };
  if (code !== 0) throw new Error(`the moving process ended with ${code ?? signal}: ${words}`);
  return moved;
}
