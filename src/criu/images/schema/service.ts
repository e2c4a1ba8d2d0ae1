/**
 * CPU facts, statistics and other small images.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { cpuVendor } from "./enums.ts";

export const cpuinfoX86Entry = message("cpuinfo_x86_entry", {
  vendor_id: required(1, cpuVendor),
  cpu_family: required(2, "uint32"),
  model: required(3, "uint32"),
  stepping: required(4, "uint32"),
  capability_ver: required(5, "uint32"),
  capability: repeated(6, "uint32"),
  model_id: optional(7, "string"),
  xfeatures_mask: optional(8, "uint64"),
  xsave_size: optional(9, "uint32"),
  xsave_size_max: optional(10, "uint32"),
});
export type CpuinfoX86Entry = MessageOf<typeof cpuinfoX86Entry>;

export const cpuinfoEntry = message("cpuinfo_entry", {
  x86_entry: repeated(1, cpuinfoX86Entry),
  ppc64_entry: repeated(2, "bytes"), // a cpuinfo_ppc64_entry, kept as it is: not an architecture that this project reads
  s390_entry: repeated(3, "bytes"), // a cpuinfo_s390_entry, kept as it is: not an architecture that this project reads
});
export type CpuinfoEntry = MessageOf<typeof cpuinfoEntry>;

export const dumpStatsEntry = message("dump_stats_entry", {
  freezing_time: required(1, "uint32"), // microseconds to freeze the tree
  frozen_time: required(2, "uint32"), // microseconds the tree was frozen = dump-side downtime
  memdump_time: required(3, "uint32"), // us
  memwrite_time: required(4, "uint32"), // us
  pages_scanned: required(5, "uint64"),
  pages_skipped_parent: required(6, "uint64"), // unchanged pages left to the parent image
  pages_written: required(7, "uint64"),
  irmap_resolve: optional(8, "uint32"),
  pages_lazy: required(9, "uint64"),
  page_pipes: optional(10, "uint64"),
  page_pipe_bufs: optional(11, "uint64"),
  shpages_scanned: optional(12, "uint64"),
  shpages_skipped_parent: optional(13, "uint64"),
  shpages_written: optional(14, "uint64"),
});
export type DumpStatsEntry = MessageOf<typeof dumpStatsEntry>;

export const restoreStatsEntry = message("restore_stats_entry", {
  pages_compared: required(1, "uint64"),
  pages_skipped_cow: required(2, "uint64"),
  forking_time: required(3, "uint32"), // us
  restore_time: required(4, "uint32"), // us
  pages_restored: optional(5, "uint64"),
});
export type RestoreStatsEntry = MessageOf<typeof restoreStatsEntry>;

export const statsEntry = message("stats_entry", {
  dump: optional(1, dumpStatsEntry),
  restore: optional(2, restoreStatsEntry),
});
export type StatsEntry = MessageOf<typeof statsEntry>;

export const autofsEntry = message("autofs_entry", {
  fd: required(1, "int32"),
  pgrp: required(2, "int32"),
  timeout: required(3, "int32"),
  minproto: required(4, "int32"),
  maxproto: required(5, "int32"),
  mode: required(6, "int32"),
  uid: optional(7, "int32"),
  gid: optional(8, "int32"),
  read_fd: optional(9, "int32"),
});
export type AutofsEntry = MessageOf<typeof autofsEntry>;

export const binfmtMiscEntry = message("binfmt_misc_entry", {
  name: required(1, "string"),
  enabled: required(2, "bool"),
  interpreter: required(3, "string"),
  flags: optional(4, "string"),
  extension: optional(5, "string"),
  magic: optional(6, "string"),
  mask: optional(7, "string"),
  offset: optional(8, "int32"),
});
export type BinfmtMiscEntry = MessageOf<typeof binfmtMiscEntry>;

export const irmapCacheEntry = message("irmap_cache_entry", {
  dev: required(1, "uint32"),
  inode: required(2, "uint64"),
  path: required(3, "string"),
});
export type IrmapCacheEntry = MessageOf<typeof irmapCacheEntry>;
