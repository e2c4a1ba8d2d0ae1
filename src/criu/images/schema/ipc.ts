/**
 * System V IPC.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";

export const ipcDescEntry = message("ipc_desc_entry", {
  key: required(1, "uint32"),
  uid: required(2, "uint32"),
  gid: required(3, "uint32"),
  cuid: required(4, "uint32"),
  cgid: required(5, "uint32"),
  mode: required(6, "uint32"),
  id: required(7, "uint32"),
});
export type IpcDescEntry = MessageOf<typeof ipcDescEntry>;

export const ipcVarEntry = message("ipc_var_entry", {
  sem_ctls: repeated(1, "uint32"),
  msg_ctlmax: required(2, "uint32"),
  msg_ctlmnb: required(3, "uint32"),
  msg_ctlmni: required(4, "uint32"),
  auto_msgmni: required(5, "uint32"),
  shm_ctlmax: required(6, "uint64"),
  shm_ctlall: required(7, "uint64"),
  shm_ctlmni: required(8, "uint32"),
  shm_rmid_forced: required(9, "uint32"),
  mq_queues_max: required(10, "uint32"),
  mq_msg_max: required(11, "uint32"),
  mq_msgsize_max: required(12, "uint32"),
  mq_msg_default: optional(13, "uint32"),
  mq_msgsize_default: optional(14, "uint32"),
  msg_next_id: optional(15, "uint32"),
  sem_next_id: optional(16, "uint32"),
  shm_next_id: optional(17, "uint32"),
});
export type IpcVarEntry = MessageOf<typeof ipcVarEntry>;

export const ipcShmEntry = message("ipc_shm_entry", {
  desc: required(1, ipcDescEntry),
  size: required(2, "uint64"),
  in_pagemaps: optional(3, "bool"),
  hugetlb_flag: optional(4, "uint32"),
});
export type IpcShmEntry = MessageOf<typeof ipcShmEntry>;

export const ipcSemEntry = message("ipc_sem_entry", {
  desc: required(1, ipcDescEntry),
  nsems: required(2, "uint32"),
});
export type IpcSemEntry = MessageOf<typeof ipcSemEntry>;

export const ipcMsgEntry = message("ipc_msg_entry", {
  desc: required(1, ipcDescEntry),
  qbytes: required(2, "uint32"),
  qnum: required(3, "uint32"),
});
export type IpcMsgEntry = MessageOf<typeof ipcMsgEntry>;

export const ipcMsg = message("ipc_msg", {
  mtype: required(1, "uint64"),
  msize: required(2, "uint32"),
});
export type IpcMsg = MessageOf<typeof ipcMsg>;
