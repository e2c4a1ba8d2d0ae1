/**
 * Files that are open though their name is gone.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, required } from "../../protobuf/schema.ts";
import { remapType } from "./enums.ts";

export const remapFilePathEntry = message("remap_file_path_entry", {
  orig_id: required(1, "uint32"), // file id of the unlinked file
  remap_id: required(2, "uint32"), // ghost id (names ghost-file-<hex>.img; top bit = ghost in old images) or linked file id
  remap_type: optional(3, remapType), // LINKED 0, GHOST 1, PROCFS 2 (dead /proc/pid)
});
export type RemapFilePathEntry = MessageOf<typeof remapFilePathEntry>;

export const timeval = message("timeval", {
  tv_sec: required(1, "uint64"),
  tv_usec: required(2, "uint64"),
});
export type Timeval = MessageOf<typeof timeval>;

export const ghostFileEntry = message("ghost_file_entry", {
  uid: required(1, "uint32"),
  gid: required(2, "uint32"),
  mode: required(3, "uint32"), // file type and bits
  dev: optional(4, "uint32"),
  ino: optional(5, "uint64"),
  rdev: optional(6, "uint32"),
  atim: optional(7, timeval),
  mtim: optional(8, timeval),
  chunks: optional(9, "bool"), // true: (ghost_chunk_entry, raw bytes) pairs follow; false: raw content to end of file
  size: optional(10, "uint64"), // full size when sparse
  symlnk_target: optional(11, "string"),
});
export type GhostFileEntry = MessageOf<typeof ghostFileEntry>;

export const ghostChunkEntry = message("ghost_chunk_entry", {
  len: required(1, "uint64"), // raw bytes that follow
  off: required(2, "uint64"), // offset in the file
});
export type GhostChunkEntry = MessageOf<typeof ghostChunkEntry>;
