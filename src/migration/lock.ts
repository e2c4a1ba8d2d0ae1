import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { MigrationError } from "../errors.ts";
import type { BeginEntry } from "./journal/entry.ts";

/** What a move claims: the container; a restore, whose container is still to come, its name on the target. */
export function claimOf({
  operation,
  containerId,
  target,
  name,
}: Pick<BeginEntry, "operation" | "containerId" | "target" | "name">): string {
  return operation === "restore" ? `restore/${target}/${name}` : containerId;
}

/** How long another run may take to tell who it is. */
const answerTimeoutMs = 1000;

/**
 * Claims a container for one move on this machine. @param claim see `claimOf`.  The claim is a unix socket in the abstract namespace (unix(7)): the kernel
 * gives a name to one process only, and takes it back when the process ends, however it ends.
 * @returns what gives it free again
 * @throws MigrationError `already-migrating` when another move that is still running has it
 */
export async function lockContainer(claim: string, name: string): Promise<AsyncDisposable> {
  const address = `\0migrate-container/${claim}`;
  const server = createServer((socket) => socket.on("error", () => {}).end(String(process.pid)));
  try {
    server.listen(address);
    await once(server, "listening");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    throw alreadyMigrating(name, await ownerOf(address));
  }
  server.unref();
  return { [Symbol.asyncDispose]: () => close(server) };
}

export function alreadyMigrating(name: string, owner: string): MigrationError {
  return new MigrationError(
    "already-migrating",
    `container \`${name}\` is being moved by another run of this tool (process ${owner})`,
    {
      host: "local",
      remedy: `Wait for it (\`migrate-container status ${name}\`), or stop it with \`migrate-container cancel ${name}\`.`,
    },
  );
}

async function ownerOf(address: string): Promise<string> {
  const socket = connect(address).setTimeout(answerTimeoutMs, () => socket.destroy(new Error("no answer")));
  return (await text(socket).catch(() => "")) || "unknown";
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}
