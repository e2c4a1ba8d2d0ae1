import { linesOf } from "./sections.ts";

/**
 * UNIX sockets of a network namespace whose other end is in no list of that namespace: it was made outside, as that of a client
 * of a daemon's socket that is mounted into the container.
 * @param text what `ss -Hxa` printed: `u_str ESTAB 0 0 * 1234 * 1235`; a peer of 0 is none
 * @returns inodes
 */
export function outsidePeersOf(text: string): Set<number> {
  const sockets = linesOf(text).flatMap((line) => {
    const [, inode, peer] = /\s(\d+)\s+\S+\s+(\d+)\s*$/.exec(line) ?? [];
    return inode === undefined ? [] : [{ inode: Number(inode), peer: Number(peer) }];
  });
  const known = new Set(sockets.map(({ inode }) => inode));
  return new Set(sockets.filter(({ peer }) => peer !== 0 && !known.has(peer)).map(({ inode }) => inode));
}
