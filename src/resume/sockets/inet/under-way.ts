import type { CheckpointImages } from "../../../criu/images/checkpoint-images.ts";
import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import { hasFinished, hasSeenEnd } from "./state.ts";

/** One end of a connection, and the dump that it is in. */
export interface ConnectionEnd {
  readonly socket: InetSkEntry;
  readonly images: Pick<CheckpointImages, "tcpStream">;
}

export interface UnderWay {
  /** What the receiver has not read, then what has not got through to it. */
  readonly bytes: Uint8Array;
  /**
   * How many bytes the sender's dump counts as arrived that the receiver's dump does not have: 0 unless both are of different moments, the
   * receiver's of an earlier one.
   */
  readonly missing: number;
}

/**
 * The bytes that wait in one direction of a connection. The sender keeps also what has arrived and is not acknowledged yet;
 * sequence numbers tell (CRIU's `outq_seq` is the end of the queue, `inq_seq` of what has arrived).
 */
export function underWay(from: ConnectionEnd, to: ConnectionEnd): UnderWay {
  const sent = from.images.tcpStream(from.socket.ino);
  const arrived = to.images.tcpStream(to.socket.ino);
  const unread = arrived?.received ?? new Uint8Array();
  const queue = sent?.unsent ?? new Uint8Array();
  if (sent === undefined || arrived === undefined) return { bytes: new Uint8Array([...unread, ...queue]), missing: 0 };
  // The end of a direction has a sequence number as well.
  const begin = sent.entry.outq_seq - queue.length - Number(hasFinished(from.socket));
  const overlap = (arrived.entry.inq_seq - Number(hasSeenEnd(to.socket)) - begin) << 0;
  const isNew = queue.subarray(Math.min(Math.max(overlap, 0), queue.length));
  return { bytes: new Uint8Array([...unread, ...isNew]), missing: Math.max(-overlap, 0) };
}
