import { decodeMessage } from "../protobuf/decode.ts";
import { Reader } from "../protobuf/reader.ts";
import type { LoadedImages } from "./loaded-images.ts";
import { type IpcDescEntry, ipcMsg } from "./schema/ipc.ts";

/** Text of a message is padded to this (CRIU v4.2, criu/ipc_ns.c). */
const padding = 8;
/** Bits of an object's mode that are permissions; shared memory has others in it (include/uapi/linux/shm.h). */
export const ipcPermissions = 0o777;

export interface SharedMemoryObject {
  readonly kind: "shared memory segment";
  readonly desc: IpcDescEntry;
  /** Bytes. */
  readonly size: bigint;
  /** Whether the bytes are in a pagemap (`shmemPagemap(desc.id)`), not in the image itself as old CRIU had it. */
  readonly inPagemap: boolean;
  readonly hugePages: boolean;
}

export interface SemaphoreSet {
  readonly kind: "semaphore set";
  readonly desc: IpcDescEntry;
  readonly values: readonly number[];
}

export interface MessageQueue {
  readonly kind: "message queue";
  readonly desc: IpcDescEntry;
  /** How many bytes of text may be in it. */
  readonly capacity: number;
  readonly messages: readonly { readonly type: bigint; readonly text: Uint8Array }[];
}

/** An object of System V IPC. */
export type IpcObject = SharedMemoryObject | SemaphoreSet | MessageQueue;

/** The System V objects of all IPC namespaces. @throws MigrationError `image-corrupt` */
export function ipcObjects(images: LoadedImages): IpcObject[] {
  const entries = <Kind extends "ipcns-shm" | "ipcns-sem" | "ipcns-msg">(kind: Kind) =>
    Array.from(images.all(kind), ({ image }) => image.entries).flat();
  return [
    ...entries("ipcns-shm").map(
      ({ message: { desc, size, in_pagemaps, hugetlb_flag } }): IpcObject => ({
        ...{ kind: "shared memory segment", desc, size, inPagemap: in_pagemaps === true, hugePages: (hugetlb_flag ?? 0) !== 0 },
      }),
    ),
    ...entries("ipcns-sem").map(({ message: { desc, nsems }, extra = new Uint8Array() }): IpcObject => {
      const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
      return {
        kind: "semaphore set",
        desc,
        values: Array.from({ length: nsems }, (_, index) => view.getUint16(index * 2, true)),
      };
    }),
    ...entries("ipcns-msg").map(
      ({ message: { desc, qbytes, qnum }, extra = new Uint8Array() }): IpcObject => ({
        ...{ kind: "message queue", desc, capacity: qbytes, messages: readIpcMessages(qnum, extra).messages },
      }),
    ),
  ];
}

/**
 * Reads `count` messages of a queue: each has a length, an `ipc_msg` of that length, and its padded text.
 * @throws MigrationError `image-corrupt` when they exceed `bytes`
 */
export function readIpcMessages(count: number, bytes: Uint8Array): { messages: MessageQueue["messages"]; length: number } {
  const reader = new Reader(bytes, "ipcns-msg");
  const messages: MessageQueue["messages"][number][] = [];
  for (let index = 0; index < count; index++) {
    const { mtype, msize } = decodeMessage(ipcMsg, reader.take(reader.fixed32(), "a message's header"), reader.file);
    const padded = reader.take(Math.ceil(msize / padding) * padding, "a message");
    messages.push({ type: mtype, text: padded.subarray(0, msize) });
  }
  return { messages, length: reader.position };
}
