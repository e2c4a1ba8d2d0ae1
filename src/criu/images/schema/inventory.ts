/**
 * What was dumped: the inventory, the process tree and the kernel-object ids that join the other images.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { lsmType } from "./enums.ts";

export const taskKobjIdsEntry = message("task_kobj_ids_entry", {
  vm_id: required(1, "uint32"), // equal vm_id = shared address space (CLONE_VM)
  files_id: required(2, "uint32"), // equal id = shared fd table; names fdinfo-<files_id>.img
  fs_id: required(3, "uint32"), // shared cwd/root/umask
  sighand_id: required(4, "uint32"), // shared signal handlers
  pid_ns_id: optional(5, "uint32"),
  net_ns_id: optional(6, "uint32"), // names netns-/netdev-/route- files
  ipc_ns_id: optional(7, "uint32"), // names ipcns-* files
  uts_ns_id: optional(8, "uint32"), // names utsns-<id>
  mnt_ns_id: optional(9, "uint32"), // names mountpoints-<id>
  user_ns_id: optional(10, "uint32"), // names userns-<id>
  cgroup_ns_id: optional(11, "uint32"),
  time_ns_id: optional(12, "uint32"), // names timens-<id>
});
export type TaskKobjIdsEntry = MessageOf<typeof taskKobjIdsEntry>;

export const pluginsEntry = message("plugins_entry", {
  plugins: repeated(12, "string"), // plugin names
});
export type PluginsEntry = MessageOf<typeof pluginsEntry>;

export const inventoryEntry = message("inventory_entry", {
  img_version: required(1, "uint32"), // 1 = V1.0 (no head magic), 2 = V1.1 (head magic before each file magic); anything else is rejected
  fdinfo_per_id: optional(2, "bool"), // must be true: fdinfo files are named by files_id, not by pid
  root_ids: optional(3, taskKobjIdsEntry), // kernel-object ids of the root task (namespace ids used for file names such as mountpoints-<id>)
  ns_per_id: optional(4, "bool"), // namespace image files are named by namespace id
  root_cg_set: optional(5, "uint32"), // id of the cgroup set of the root task (0 is corrupt)
  lsmtype: optional(6, lsmType), // LSM in force at dump
  dump_uptime: optional(8, "uint64"), // /proc/uptime at dump in microseconds, only with --track-mem; detects pid reuse between pre-dumps
  pre_dump_mode: optional(9, "uint32"), // 1 = splice (parasite), 2 = read (process_vm_readv); only in pre-dump images
  tcp_close: optional(10, "bool"), // dumped with --tcp-close: restore needs it too
  network_lock_method: optional(11, "uint32"), // 0 iptables, 1 nftables, 2 skip (CRIU internal enum; the RPC enum is 1-based)
  plugins_entry: optional(12, pluginsEntry), // plugins that dumped state; restore refuses when one is missing
  dump_criu_run_id: optional(13, "string"), // run id of the dumping CRIU, names the nftables lock table
  allow_uprobes: optional(14, "bool"), // dumped with --allow-uprobes: restore needs it too
});
export type InventoryEntry = MessageOf<typeof inventoryEntry>;

export const pstreeEntry = message("pstree_entry", {
  pid: required(1, "uint32"), // in the innermost pid namespace of the tree
  ppid: required(2, "uint32"), // 0 for the root task
  pgid: required(3, "uint32"), // process group
  sid: required(4, "uint32"), // session
  threads: repeated(5, "uint32"), // all tids incl. the leader; each has core-<tid>.img
});
export type PstreeEntry = MessageOf<typeof pstreeEntry>;
