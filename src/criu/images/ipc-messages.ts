import { decodeMessage } from "../protobuf/decode.ts";
import { Reader } from "../protobuf/reader.ts";
import { ipcMsg } from "./schema/ipc.ts";

/** Text of a message is padded to this (CRIU v4.2, criu/ipc_ns.c). */
const padding = 8;

/**
 * The length of `count` messages of a System V queue: each has a length, an `ipc_msg` of that length, and its padded text.
 * @throws MigrationError `image-corrupt` when they exceed `bytes`
 */
export function ipcMessagesLength(count: number, bytes: Uint8Array): number {
  const reader = new Reader(bytes, "ipcns-msg");
  for (let index = 0; index < count; index++) {
    const { msize } = decodeMessage(ipcMsg, reader.take(reader.fixed32(), "a message's header"), reader.file);
    reader.take(Math.ceil(msize / padding) * padding, "a message");
  }
  return reader.position;
}
