import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { withControlPath } from "./control-socket.ts";
import type { LiveStatus } from "./live-status.ts";

/** How long a running move may take to answer. */
const answerMs = 5000;

/** @returns what a move tells of itself; undefined when it does not run */
export async function readLiveStatus(id: string): Promise<LiveStatus | undefined> {
  using socket = await open(id);
  return socket && (await ask(socket, "status"));
}

/**
 * Cancels a running move and waits for its end.
 * @returns whether it ran
 */
export async function cancelRunning(id: string): Promise<boolean> {
  using socket = await open(id);
  if (socket === undefined) return false;
  const closed = once(socket, "close");
  socket.write("cancel\n");
  socket.resume();
  await closed;
  return true;
}

async function ask(socket: Socket, request: string): Promise<LiveStatus | undefined> {
  socket.setTimeout(answerMs, () => socket.destroy());
  socket.write(`${request}\n`);
  for await (const line of createInterface({ input: socket })) return JSON.parse(line) as LiveStatus;
  return undefined;
}

/** @returns undefined when nobody listens: there is no socket, or it was left by a process that was ended by force */
async function open(id: string): Promise<(Socket & Disposable) | undefined> {
  return await withControlPath(id, async (path) => {
    const socket = connect(path);
    try {
      await once(socket, "connect");
    } catch {
      return undefined;
    }
    socket.on("error", () => {});
    return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() });
  });
}
