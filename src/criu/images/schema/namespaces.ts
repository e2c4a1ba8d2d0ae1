/**
 * Namespaces and mounts.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";

export const utsnsEntry = message("utsns_entry", {
  nodename: required(1, "string"),
  domainname: required(2, "string"),
});
export type UtsnsEntry = MessageOf<typeof utsnsEntry>;

export const timespec = message("timespec", {
  tv_sec: required(1, "uint64"),
  tv_nsec: required(2, "uint64"),
});
export type Timespec = MessageOf<typeof timespec>;

export const timensEntry = message("timens_entry", {
  monotonic: required(1, timespec),
  boottime: required(2, timespec),
});
export type TimensEntry = MessageOf<typeof timensEntry>;

export const pidnsEntry = message("pidns_entry", {
  ext_key: optional(1, "string"),
});
export type PidnsEntry = MessageOf<typeof pidnsEntry>;

export const uidGidExtent = message("uid_gid_extent", {
  first: required(1, "uint32"),
  lower_first: required(2, "uint32"),
  count: required(3, "uint32"),
});
export type UidGidExtent = MessageOf<typeof uidGidExtent>;

export const usernsEntry = message("userns_entry", {
  uid_map: repeated(1, uidGidExtent),
  gid_map: repeated(2, uidGidExtent),
});
export type UsernsEntry = MessageOf<typeof usernsEntry>;

export const mntEntry = message("mnt_entry", {
  fstype: required(1, "uint32"), // fstype enum
  mnt_id: required(2, "uint32"),
  root_dev: required(3, "uint32"),
  parent_mnt_id: required(4, "uint32"),
  flags: required(5, "uint32"), // MS_*
  root: required(6, "string"),
  mountpoint: required(7, "string"), // mount point path
  source: required(8, "string"),
  options: required(9, "string"),
  shared_id: optional(10, "uint32"),
  master_id: optional(11, "uint32"),
  with_plugin: optional(12, "bool"),
  ext_mount: optional(13, "bool"), // external (bind from host): key in ext_key
  fsname: optional(14, "string"), // when fstype is AUTO
  internal_sharing: optional(15, "bool"),
  deleted: optional(16, "bool"),
  sb_flags: optional(17, "uint32"),
  ext_key: optional(18, "string"),
});
export type MntEntry = MessageOf<typeof mntEntry>;
