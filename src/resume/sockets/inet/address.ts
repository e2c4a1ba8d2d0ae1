import type { InetSkEntry } from "../../../criu/images/schema/index.ts";

export const family = { INET: 2, INET6: 10 } as const;

/** `address:port` of a socket's end, for messages. */
export function formatEndpoint(socket: InetSkEntry, end: "src" | "dst"): string {
  const words = end === "src" ? socket.src_addr : socket.dst_addr;
  const port = end === "src" ? socket.src_port : socket.dst_port;
  const bytes = addressBytes(words);
  if (socket.family === family.INET) return `${bytes.join(".")}:${port}`;
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2]! << 8) | bytes[index * 2 + 1]!).toString(16));
  return `[${groups.join(":")}]:${port}`;
}

/** The address of a socket's end as people write it; an IPv4 address that is mapped into IPv6 as what it is. */
export function plainAddress(socket: InetSkEntry, end: "src" | "dst"): string {
  const bytes = addressBytes(end === "src" ? socket.src_addr : socket.dst_addr);
  if (socket.family === family.INET) return bytes.slice(0, 4).join(".");
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2]! << 8) | bytes[index * 2 + 1]!).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

/** Whether the socket is bound to an address that exists in every container: any, or loopback. */
export function isBoundEverywhere(socket: InetSkEntry): boolean {
  const bytes = addressBytes(socket.src_addr);
  if (bytes.every((byte) => byte === 0)) return true;
  if (socket.family === family.INET) return bytes[0] === 127;
  const mappedLoopback =
    bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255 && bytes[12] === 127;
  return mappedLoopback || (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1);
}

/** struct sockaddr_in or sockaddr_in6. */
export function socketAddress(socket: InetSkEntry, end: "src" | "dst"): Uint8Array {
  const port = end === "src" ? socket.src_port : socket.dst_port;
  const address = addressBytes(end === "src" ? socket.src_addr : socket.dst_addr);
  const head = [socket.family, 0, port >> 8, port & 255];
  if (socket.family === family.INET) return new Uint8Array([...head, ...address.slice(0, 4), 0, 0, 0, 0, 0, 0, 0, 0]);
  return new Uint8Array([...head, 0, 0, 0, 0, ...address, 0, 0, 0, 0]);
}

function addressBytes(words: readonly number[]): number[] {
  return words.flatMap((word) => [word & 255, (word >> 8) & 255, (word >> 16) & 255, (word >>> 24) & 255]);
}
