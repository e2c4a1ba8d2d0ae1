/**
 * How many raw bytes follow an entry, by kind of image (CRIU v4.2: criu/pipes.c, sk-queue.c, sk-tcp.c, ipc_ns.c, files-reg.c, bpfmap.c).
 */

import { readIpcMessages } from "./ipc-objects.ts";
import type {
  BpfmapDataEntry,
  GhostFileEntry,
  IpcMsgEntry,
  IpcSemEntry,
  IpcShmEntry,
  PipeDataEntry,
  SkPacketEntry,
  TcpStreamEntry,
} from "./schema/index.ts";

export const pipeBytes = ({ bytes }: PipeDataEntry): number => bytes;

export const packetBytes = ({ length }: SkPacketEntry): number => length;

export const tcpQueues = ({ inq_len, outq_len }: TcpStreamEntry): number => inq_len + outq_len;

export const mapContents = ({ keys_bytes, values_bytes }: BpfmapDataEntry): number => keys_bytes + values_bytes;

/** The content to the end of the file, raw or in chunks; ghost-file.ts takes it apart. */
export const allThatFollows = (_entry: GhostFileEntry, rest: Uint8Array): number => rest.byteLength;

export const sharedSegment = ({ in_pagemaps, size }: IpcShmEntry): bigint => (in_pagemaps === true ? 0n : roundUp(size, 4n));

/** A u16 for each semaphore, padded. */
export const semaphoreValues = ({ nsems }: IpcSemEntry): bigint => roundUp(BigInt(nsems) * 2n, 8n);

export const queuedMessages = ({ qnum }: IpcMsgEntry, rest: Uint8Array): number => readIpcMessages(qnum, rest).length;

function roundUp(value: bigint, unit: bigint): bigint {
  return ((value + unit - 1n) / unit) * unit;
}
