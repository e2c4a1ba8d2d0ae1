import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import type { Emission } from "../../emission.ts";
import { formatEndpoint, isBoundEverywhere, socketAddress } from "./address.ts";
import { emitOptions, emitOptionsBefore, level, option } from "./options.ts";
import { isConnectedTcp, isListening, state } from "./state.ts";

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

/** The connections of which the container has both ends, at addresses that every container has. */
export function innerConnections(sockets: readonly InetSkEntry[]): InnerConnection[] {
  const connected = sockets.filter((socket) => isConnectedTcp(socket) && isBoundEverywhere(socket));
  const pairs = connected.flatMap((one) => {
    const other = connected.find(
      (candidate) => end(candidate, "src") === end(one, "dst") && end(candidate, "dst") === end(one, "src"),
    );
    return other === undefined || one.id > other.id ? [] : [[one, other] as const];
  });
  const users = (port: number) => sockets.filter(({ src_port }) => src_port === port).length;
  // A server's port is listened on, or has several connections; where neither tells, either end may be called so.
  const serves = (socket: InetSkEntry) =>
    Number(sockets.some((other) => isListening(other) && other.src_port === socket.src_port));
  return pairs.map(([one, other]) => {
    const first = serves(one) - serves(other) || users(one.src_port) - users(other.src_port);
    return first > 0 ? { client: other, server: one } : { client: one, server: other };
  });
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
  const open = (socket: InetSkEntry): number => {
    program.call("socket", [socket.family, socket.type, socket.proto], { describe: name });
    const descriptor = temporaries.adopt(name);
    emitOptionsBefore(emission, socket, descriptor);
    const address = socketAddress(socket, "src");
    program.call("bind", [descriptor, program.bytes(address), address.length], { describe: `bind of ${name}` });
    return descriptor;
  };
  const accepting = listener ?? open(server);
  if (listener === undefined) program.call("listen", [accepting, 1], { describe: name });
  const ours = open(client);
  const target = socketAddress(client, "dst");
  program.call("connect", [ours, program.bytes(target), target.length], { describe: `connect of ${name}` });
  program.call("accept", [accepting, 0, 0], { describe: `accept of ${name}` });
  const its = temporaries.adopt(name);
  if (listener === undefined) temporaries.close(accepting);
  emitQueue(emission, { from: client, to: server, descriptor: ours, name });
  emitQueue(emission, { from: server, to: client, descriptor: its, name });
  for (const [socket, descriptor] of [
    [client, ours],
    [server, its],
  ] as const) {
    if (hasFinished(socket)) program.call("shutdown", [descriptor, SHUT_WR], { describe: `shut down ${name}` });
    emitOptions(emission, socket, descriptor);
    program.call("fcntl", [descriptor, F_SETFL, socket.flags & O_NONBLOCK], { describe: `flags of ${name}` });
  }
  return new Map([
    [client.id, ours],
    [server.id, its],
  ]);
}

/** Whether it has sent its last. */
function hasFinished({ state: present }: InetSkEntry): boolean {
  return ([state.FIN_WAIT1, state.FIN_WAIT2, state.CLOSING, state.LAST_ACK] as number[]).includes(present);
}

interface Direction {
  readonly from: InetSkEntry;
  readonly to: InetSkEntry;
  readonly descriptor: number;
  readonly name: string;
}

/**
 * Sends what the receiver has not read, then what the sender has not got through. The sender keeps also what has arrived
 * and is not acknowledged yet; sequence numbers tell (CRIU's `outq_seq` is the end of the queue, `inq_seq` of what has arrived).
 */
function emitQueue({ program, images }: Emission, { from, to, descriptor, name }: Direction): void {
  const sent = images.tcpStream(from.ino);
  const arrived = images.tcpStream(to.ino);
  const unread = arrived?.received ?? new Uint8Array();
  const queue = sent?.unsent ?? new Uint8Array();
  const begin = (sent?.entry.outq_seq ?? 0) - queue.length - finAmong(from);
  const overlap = sent === undefined || arrived === undefined ? 0 : ((arrived.entry.inq_seq - begin) << 0) - finAmong(from);
  const bytes = new Uint8Array([...unread, ...queue.subarray(Math.min(Math.max(overlap, 0), queue.length))]);
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

/** The end of a direction has a sequence number as well. */
function finAmong(socket: InetSkEntry): number {
  return hasFinished(socket) ? 1 : 0;
}
