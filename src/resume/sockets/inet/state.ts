import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import { family } from "./address.ts";

export const socketType = { STREAM: 1, DGRAM: 2, RAW: 3 } as const;
/** TCP states as in include/net/tcp_states.h; UDP uses two of them. */
export const state = {
  ESTABLISHED: 1,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
} as const;
/** CRIU's sk_shutdown: a bit for each direction. */
const SHUTDOWN_READ = 1;

export function isListening(socket: InetSkEntry): boolean {
  return socket.type === socketType.STREAM && socket.state === state.LISTEN;
}

/** A TCP socket with a peer, or on its way to or from one: it can't be carried to another address. */
export function isConnectedTcp(socket: InetSkEntry): boolean {
  return socket.type === socketType.STREAM && socket.state !== state.LISTEN && socket.state !== state.CLOSE;
}

/** A TCP socket whose connection has ended, and which the program has not closed yet: reading it gives the end of the stream. */
export function isEndedTcp(socket: InetSkEntry): boolean {
  return socket.type === socketType.STREAM && socket.state === state.CLOSE && ((socket.shutdown ?? 0) & SHUTDOWN_READ) !== 0;
}

/** Whether a connected socket has sent its last. */
export function hasFinished({ state: present }: InetSkEntry): boolean {
  return ([state.FIN_WAIT1, state.FIN_WAIT2, state.CLOSING, state.LAST_ACK] as number[]).includes(present);
}

/** Whether the peer of a connected socket has sent its last, and it has arrived. */
export function hasSeenEnd({ state: present }: InetSkEntry): boolean {
  return ([state.CLOSE_WAIT, state.CLOSING, state.LAST_ACK] as number[]).includes(present);
}

/** The sockets that resume can rebuild or, if connected, close. */
export function isKnownInetSocket({ type, family: socketFamily }: InetSkEntry): boolean {
  return (
    (socketFamily === family.INET || socketFamily === family.INET6) && (Object.values(socketType) as number[]).includes(type)
  );
}
