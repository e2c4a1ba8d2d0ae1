/**
 * Descriptor tables and the open files that they point to.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, required } from "../../protobuf/schema.ts";
import { fdType } from "./enums.ts";
import { eventfdFileEntry, eventpollFileEntry, signalfdEntry, timerfdEntry } from "./events.ts";
import {
  bpfmapFileEntry,
  extFileEntry,
  fifoEntry,
  memfdFileEntry,
  nsFileEntry,
  pidfdEntry,
  pipeEntry,
  regFileEntry,
  tunfileEntry,
} from "./files.ts";
import { netlinkSkEntry, packetSockEntry } from "./kernel-sockets.ts";
import { inetSkEntry, unixSkEntry } from "./sockets.ts";
import { ttyFileEntry } from "./terminals.ts";
import { fanotifyFileEntry, inotifyFileEntry } from "./watches.ts";

export const fdinfoEntry = message("fdinfo_entry", {
  id: required(1, "uint32"), // file id: the FileEntry in files.img
  flags: required(2, "uint32"), // descriptor flags (1 = FD_CLOEXEC)
  type: required(3, fdType), // fd_types
  fd: required(4, "uint32"), // descriptor number
  xattr_security_selinux: optional(5, "string"),
});
export type FdinfoEntry = MessageOf<typeof fdinfoEntry>;

export const fileEntry = message("file_entry", {
  type: required(1, fdType), // selects the one set member
  id: required(2, "uint32"), // file id, the join key from fdinfo/mm/fs
  reg: optional(3, regFileEntry), // regular file, directory, char device
  isk: optional(4, inetSkEntry), // inet socket
  nsf: optional(5, nsFileEntry), // /proc/pid/ns/* file
  psk: optional(6, packetSockEntry), // packet socket
  nlsk: optional(7, netlinkSkEntry), // netlink socket
  efd: optional(8, eventfdFileEntry), // eventfd
  epfd: optional(9, eventpollFileEntry), // epoll
  sgfd: optional(10, signalfdEntry), // signalfd
  tunf: optional(11, tunfileEntry), // /dev/net/tun
  tfd: optional(12, timerfdEntry), // timerfd
  ify: optional(13, inotifyFileEntry), // inotify
  ffy: optional(14, fanotifyFileEntry), // fanotify
  ext: optional(15, extFileEntry), // file owned by a plugin
  usk: optional(16, unixSkEntry), // unix socket
  fifo: optional(17, fifoEntry), // named pipe
  pipe: optional(18, pipeEntry), // anonymous pipe end
  tty: optional(19, ttyFileEntry), // terminal
  memfd: optional(20, memfdFileEntry), // memfd
  bpf: optional(21, bpfmapFileEntry), // bpf map
  pidfd: optional(22, pidfdEntry), // pidfd
});
export type FileEntry = MessageOf<typeof fileEntry>;

export const fsEntry = message("fs_entry", {
  cwd_id: required(1, "uint32"), // file id of the cwd
  root_id: required(2, "uint32"), // file id of the root directory
  umask: optional(3, "uint32"),
});
export type FsEntry = MessageOf<typeof fsEntry>;
