import type { Host, RunOptions } from "../../host/host.ts";
import type { SocketFacts } from "../live-facts.ts";
import { linesOf } from "./sections.ts";

/**
 * The other ends of connected UNIX sockets that no process of the container holds: a process outside does, or nobody (then it
 * waits to be accepted, or is on its way in a message).
 * @param text what `ss -Hxa` printed in the network namespaces of the container and of the machine, since a connection belongs to
 *   that of its client: `u_str ESTAB 0 0 * 1234 * 1235`; a peer of 0 is none
 * @returns inode of the other end by that of the container's
 */
export function unheldPeers(text: string, sockets: readonly Pick<SocketFacts, "inode">[]): Map<number, number> {
  const held = new Set(sockets.map(({ inode }) => inode));
  const ends = linesOf(text).flatMap((line): [number, number][] => {
    const [, inode, peer] = /\s(\d+)\s+\S+\s+(\d+)\s*$/.exec(line) ?? [];
    return inode === undefined ? [] : [[Number(inode), Number(peer)]];
  });
  return new Map(ends.filter(([inode, peer]) => held.has(inode) && peer !== 0 && !held.has(peer)));
}

const holdersScript = `
set +e
exec 2>/dev/null
ls -ln /proc/[0-9]*/fd | sed -n 's/.* -> socket:\\[\\([0-9]*\\)\\]$/\\1/p' | grep -xF "$(printf '%s\\n' "$@")" | sort -u
exit 0
`;

/**
 * Marks the sockets whose other end is held by a process outside of the container.
 * @throws MigrationError as `Host.script`
 */
export async function markOutsidePeers(
  host: Host,
  sockets: readonly SocketFacts[],
  text: string,
  options: RunOptions,
): Promise<readonly SocketFacts[]> {
  const unheld = unheldPeers(text, sockets);
  if (unheld.size === 0) return sockets;
  const found = await host.script(holdersScript, [...unheld.values()].map(String), options);
  const outside = new Set(linesOf(found).map(Number));
  return sockets.map((socket) => (outside.has(unheld.get(socket.inode) ?? 0) ? { ...socket, outsidePeer: true } : socket));
}
