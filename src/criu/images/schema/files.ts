/**
 * Kinds of open file other than sockets, terminals and watches.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { fownEntry } from "./owner.ts";

export const regFileEntry = message("reg_file_entry", {
  id: required(1, "uint32"),
  flags: required(2, "uint32"), // open(2) flags without O_CLOEXEC
  pos: required(3, "uint64"), // file offset
  fown: required(5, fownEntry),
  name: required(6, "string"), // absolute path inside the mount namespace root
  mnt_id: optional(7, "sint32"), // mount id (mountpoints-*.img), -1 unknown (default -1)
  size: optional(8, "uint64"), // size at dump, checked at restore (unless file is writable/append)
  ext: optional(9, "bool"), // external file: name is an --external key
  mode: optional(10, "uint32"), // st_mode
  build_id: repeated(11, "uint32"), // ELF build id (as u32 words)
  checksum: optional(12, "uint32"), // CRC32C
  checksum_config: optional(13, "uint32"), // which bytes were summed
  checksum_parameter: optional(14, "uint32"),
});
export type RegFileEntry = MessageOf<typeof regFileEntry>;

export const pipeEntry = message("pipe_entry", {
  id: required(1, "uint32"), // file id
  pipe_id: required(2, "uint32"), // equal pipe_id = ends of one pipe
  flags: required(3, "uint32"), // O_RDONLY or O_WRONLY end, O_NONBLOCK...
  fown: required(4, fownEntry),
});
export type PipeEntry = MessageOf<typeof pipeEntry>;

export const pipeDataEntry = message("pipe_data_entry", {
  pipe_id: required(1, "uint32"),
  bytes: required(2, "uint32"), // that many raw bytes follow the entry
  size: optional(3, "uint32"), // F_SETPIPE_SZ
});
export type PipeDataEntry = MessageOf<typeof pipeDataEntry>;

export const fifoEntry = message("fifo_entry", {
  id: required(1, "uint32"), // file id
  pipe_id: required(2, "uint32"), // key into fifo-data.img
  regf_id: optional(3, "uint32"), // id of the reg-file entry giving path and flags
});
export type FifoEntry = MessageOf<typeof fifoEntry>;

export const memfdFileEntry = message("memfd_file_entry", {
  id: required(1, "uint32"), // file id
  flags: required(2, "uint32"),
  pos: required(3, "uint64"),
  fown: required(4, fownEntry),
  inode_id: required(5, "uint32"), // key into memfd.img
});
export type MemfdFileEntry = MessageOf<typeof memfdFileEntry>;

export const nsFileEntry = message("ns_file_entry", {
  id: required(1, "uint32"),
  ns_id: required(2, "uint32"),
  ns_cflag: required(3, "uint32"), // CLONE_NEW*
  flags: required(4, "uint32"),
});
export type NsFileEntry = MessageOf<typeof nsFileEntry>;

export const extFileEntry = message("ext_file_entry", {
  id: required(1, "uint32"),
  fown: required(5, fownEntry),
});
export type ExtFileEntry = MessageOf<typeof extFileEntry>;

export const pidfdEntry = message("pidfd_entry", {
  id: required(1, "uint32"),
  ino: required(2, "uint32"),
  flags: required(3, "uint32"),
  nspid: required(4, "int32"), // pid in the target pid namespace
  fown: required(5, fownEntry),
});
export type PidfdEntry = MessageOf<typeof pidfdEntry>;

export const tunfileEntry = message("tunfile_entry", {
  id: required(1, "uint32"),
  netdev: optional(2, "string"),
  detached: optional(3, "bool"),
  ns_id: optional(4, "uint32"),
});
export type TunfileEntry = MessageOf<typeof tunfileEntry>;

export const bpfmapFileEntry = message("bpfmap_file_entry", {
  id: required(1, "uint32"),
  flags: required(2, "uint32"),
  pos: required(3, "uint64"),
  fown: required(4, fownEntry),
  map_type: required(5, "uint32"),
  key_size: required(6, "uint32"),
  value_size: required(7, "uint32"),
  map_id: required(8, "uint32"),
  max_entries: required(9, "uint32"),
  map_flags: required(10, "uint32"),
  memlock: required(11, "uint64"),
  frozen: required(12, "bool"), // (default false)
  map_name: required(13, "string"),
  ifindex: required(14, "uint32"), // (default 0)
  mnt_id: optional(15, "sint32"), // (default -1)
  map_extra: optional(16, "uint64"),
});
export type BpfmapFileEntry = MessageOf<typeof bpfmapFileEntry>;

export const bpfmapDataEntry = message("bpfmap_data_entry", {
  map_id: required(1, "uint32"),
  keys_bytes: required(2, "uint32"),
  values_bytes: required(3, "uint32"),
  count: required(4, "uint32"),
});
export type BpfmapDataEntry = MessageOf<typeof bpfmapDataEntry>;

export const fileLockEntry = message("file_lock_entry", {
  flag: required(1, "uint32"), // FL_POSIX/FL_FLOCK/FL_OFDLCK/FL_LEASE
  type: required(2, "uint32"), // F_RDLCK...
  pid: required(3, "int32"),
  fd: required(4, "int32"),
  start: required(5, "int64"),
  len: required(6, "int64"),
});
export type FileLockEntry = MessageOf<typeof fileLockEntry>;
