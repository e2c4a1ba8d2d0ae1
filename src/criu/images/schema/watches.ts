/**
 * inotify and fanotify.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { markType } from "./enums.ts";
import { fownEntry } from "./owner.ts";

export const fhEntry = message("fh_entry", {
  bytes: required(1, "uint32"),
  type: required(2, "uint32"),
  handle: repeated(3, "uint64"),
  path: optional(4, "string"), // resolved path, when known
  mnt_id: optional(5, "uint32"),
});
export type FhEntry = MessageOf<typeof fhEntry>;

export const inotifyWdEntry = message("inotify_wd_entry", {
  id: required(1, "uint32"), // inotify file id
  i_ino: required(2, "uint64"), // watched inode
  mask: required(3, "uint32"), // IN_*
  ignored_mask: required(4, "uint32"),
  s_dev: required(5, "uint32"), // device
  wd: required(6, "uint32"), // watch descriptor number
  f_handle: required(7, fhEntry), // file handle and path hint
});
export type InotifyWdEntry = MessageOf<typeof inotifyWdEntry>;

export const inotifyFileEntry = message("inotify_file_entry", {
  id: required(1, "uint32"),
  flags: required(2, "uint32"),
  fown: required(4, fownEntry),
  wd: repeated(5, inotifyWdEntry), // watches
});
export type InotifyFileEntry = MessageOf<typeof inotifyFileEntry>;

export const fanotifyInodeMarkEntry = message("fanotify_inode_mark_entry", {
  i_ino: required(1, "uint64"),
  f_handle: required(2, fhEntry),
});
export type FanotifyInodeMarkEntry = MessageOf<typeof fanotifyInodeMarkEntry>;

export const fanotifyMountMarkEntry = message("fanotify_mount_mark_entry", {
  mnt_id: required(1, "uint32"),
  path: optional(2, "string"),
});
export type FanotifyMountMarkEntry = MessageOf<typeof fanotifyMountMarkEntry>;

export const fanotifyMarkEntry = message("fanotify_mark_entry", {
  id: required(1, "uint32"),
  type: required(2, markType), // INODE 1 / MOUNT 2
  mflags: required(3, "uint32"),
  mask: required(4, "uint32"),
  ignored_mask: required(5, "uint32"),
  s_dev: required(6, "uint32"),
  ie: optional(7, fanotifyInodeMarkEntry),
  me: optional(8, fanotifyMountMarkEntry),
});
export type FanotifyMarkEntry = MessageOf<typeof fanotifyMarkEntry>;

export const fanotifyFileEntry = message("fanotify_file_entry", {
  id: required(1, "uint32"),
  flags: required(2, "uint32"),
  fown: required(3, fownEntry),
  faflags: required(4, "uint32"),
  evflags: required(5, "uint32"),
  mark: repeated(6, fanotifyMarkEntry),
});
export type FanotifyFileEntry = MessageOf<typeof fanotifyFileEntry>;
