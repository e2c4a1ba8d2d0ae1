import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import type { Emission } from "../../emission.ts";
import { formatEndpoint, isBoundEverywhere, plainAddress, socketAddress } from "./address.ts";
import { emitOptions, emitOptionsBefore, level, option } from "./options.ts";
import { hasFinished, isConnectedTcp, isListening } from "./state.ts";
import { underWay } from "./under-way.ts";

const O_NONBLOCK = 0o4000;
const F_SETFL = 4;
const SHUT_WR = 1;
const MSG_NOSIGNAL = 0x4000;
/** The kernel's buffers grow while they are filled, as they did on the source: so long may that take. */
const patienceSeconds = 5;
/** Larger pieces fill the receiver's buffer sooner, which counts the memory that they take. */
const portion = 4096;

/** Both ends of a TCP connection within the container. */
export interface InnerConnection {
  /** The one that connects to the other's port. */
  readonly client: InetSkEntry;
  readonly server: InetSkEntry;
}

/**
 * The connections of which the container has both ends.
 * @param addresses those that it has on the target as it had them on the source, beside those that every container has
 */
export function innerConnections(sockets: readonly InetSkEntry[], addresses: ReadonlySet<string> = new Set()): InnerConnection[] {
  const isThere = (socket: InetSkEntry) => isBoundEverywhere(socket) || addresses.has(plainAddress(socket, "src"));
  const connected = sockets.filter((socket) => isConnectedTcp(socket) && isThere(socket));
  const pairs = connected.flatMap((one) => {
    const other = connected.find(
      (candidate) => end(candidate, "src") === end(one, "dst") && end(candidate, "dst") === end(one, "src"),
    );
    return other === undefined || one.id > other.id ? [] : [[one, other] as const];
  });
  return pairs.map(([one, other]) =>
    firstIsServer({ socket: one, sockets }, { socket: other, sockets })
      ? { client: other, server: one }
      : { client: one, server: other },
  );
}

/** One end of a connection, and all sockets of its container. */
interface EndAmongOthers {
  readonly socket: InetSkEntry;
  readonly sockets: readonly InetSkEntry[];
}

/**
 * Which end of a connection accepts it. A server's port is listened on, or has several connections; where neither tells, either end may
 * be called so: of two ends, both orders give the same one.
 */
export function firstIsServer(one: EndAmongOthers, other: EndAmongOthers): boolean {
  const serves = ({ socket, sockets }: EndAmongOthers) =>
    Number(sockets.some((candidate) => isListening(candidate) && candidate.src_port === socket.src_port));
  const users = ({ socket, sockets }: EndAmongOthers) => sockets.filter(({ src_port: port }) => port === socket.src_port).length;
  const difference = serves(one) - serves(other) || users(one) - users(other);
  return difference === 0 ? end(one.socket, "src") > end(other.socket, "src") : difference > 0;
}

const end = (socket: InetSkEntry, which: "src" | "dst"): string => formatEndpoint(socket, which);

/**
 * Connects both ends again, without any privilege: the client binds its own port and connects to the server's. What neither had read is
 * sent again, and directions that were shut down are shut down.
 * @param listener temporary descriptor of a socket that listens on the server's port
 * @returns temporary descriptors by file id
 */
export function emitInnerConnection(
  emission: Emission,
  { client, server }: InnerConnection,
  listener: number | undefined,
): ReadonlyMap<number, number> {
  const { program, temporaries } = emission;
  const name = `connection ${end(client, "src")} - ${end(server, "src")}`;
  const accepting = listener ?? emitBound(emission, server, name);
  if (listener === undefined) program.call("listen", [accepting, 1], { describe: name });
  const ours = emitBound(emission, client, name);
  const target = socketAddress(client, "dst");
  program.call("connect", [ours, program.bytes(target), target.length], { describe: `connect of ${name}` });
  program.call("accept", [accepting, 0, 0], { describe: `accept of ${name}` });
  const its = temporaries.adopt(name);
  if (listener === undefined) temporaries.close(accepting);
  const ends = [
    { socket: client, other: server, descriptor: ours, name },
    { socket: server, other: client, descriptor: its, name },
  ];
  const { images } = emission;
  for (const { socket, other, descriptor } of ends) {
    emitBytes(emission, descriptor, underWay({ socket, images }, { socket: other, images }).bytes, name);
  }
  for (const made of ends) emitEnd(emission, made);
  return new Map([
    [client.id, ours],
    [server.id, its],
  ]);
}

/** Makes a socket and binds it to where the connection's end was. */
export function emitBound(emission: Emission, socket: InetSkEntry, name: string): number {
  const { program, temporaries } = emission;
  program.call("socket", [socket.family, socket.type, socket.proto], { describe: name });
  const descriptor = temporaries.adopt(name);
  emitOptionsBefore(emission, socket, descriptor);
  const address = socketAddress(socket, "src");
  program.call("bind", [descriptor, program.bytes(address), address.length], { describe: `bind of ${name}` });
  return descriptor;
}

/** One end of a connection that is made again. */
export interface MadeEnd {
  readonly socket: InetSkEntry;
  readonly descriptor: number;
  readonly name: string;
}

/** Ends the direction if it has ended, and sets the socket's options. */
export function emitEnd(emission: Emission, { socket, descriptor, name }: MadeEnd): void {
  const { program } = emission;
  if (hasFinished(socket)) program.call("shutdown", [descriptor, SHUT_WR], { describe: `shut down ${name}` });
  emitOptions(emission, socket, descriptor);
  program.call("fcntl", [descriptor, F_SETFL, socket.flags & O_NONBLOCK], { describe: `flags of ${name}` });
}

/** Sends what waits in a direction of a connection. */
export function emitBytes({ program }: Emission, descriptor: number, bytes: Uint8Array, name: string): void {
  if (bytes.length === 0) return;
  const describe = `${bytes.length} bytes that wait in ${name}`;
  const setPatience = (seconds: number) =>
    program.call("setsockopt", [descriptor, level.SOCKET, option.SNDTIMEO, program.words([seconds, 0]), 16], { describe });
  setPatience(patienceSeconds);
  for (let offset = 0; offset < bytes.length; offset += portion) {
    const part = bytes.subarray(offset, offset + portion);
    program.call("sendto", [descriptor, program.bytes(part), part.length, MSG_NOSIGNAL, 0, 0], { expect: part.length, describe });
  }
  setPatience(0);
}
