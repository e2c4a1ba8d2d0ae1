import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Host } from "./host.ts";

// Docker's own client carries the bytes between its standard streams and its daemon; toybox's nc knows unix sockets, Debian's may not.
const relay = `
if command -v docker >/dev/null 2>&1; then exec env DOCKER_HOST="unix://$1" docker system dial-stdio; fi
exec nc -U "$1"`;

/**
 * Listens on a unix socket of this machine; each connection is carried to one of the host by a command there, so that it gets what rights
 * the host's commands have.
 * @param here path of the new socket
 * @param there path of the host's
 * @returns what ends it and its connections
 */
export async function relaySocket(host: Host, here: string, there: string): Promise<() => Promise<void>> {
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    // A stream of its own: the command waits for its input to close, a socket for both of its halves, one of which waits for the command. And
    // not by `pipeline`, which destroys the socket when the command has ended, with what the command has said last.
    const input = socket.pipe(new PassThrough());
    pipeline(host.stream(["sh", "-c", relay, "sh", there], { input }), socket)
      // A connection that breaks here or there breaks for the other side, too; whoever uses it finds out by that.
      .catch(() => {})
      .finally(() => socket.destroy());
  });
  await once(server.listen(here), "listening");
  return async () => {
    server.close();
    for (const socket of connections) socket.destroy();
  };
}
