/**
 * Limits, timers, signals and credentials of a process.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";

export const rlimitEntry = message("rlimit_entry", {
  cur: required(1, "uint64"), // soft limit; 2^64-1 = infinity
  max: required(2, "uint64"), // hard limit; 2^64-1 = infinity
});
export type RlimitEntry = MessageOf<typeof rlimitEntry>;

export const taskRlimitsEntry = message("task_rlimits_entry", {
  rlimits: repeated(1, rlimitEntry), // 16 entries (RLIM_NLIMITS), index = resource number
});
export type TaskRlimitsEntry = MessageOf<typeof taskRlimitsEntry>;

export const itimerEntry = message("itimer_entry", {
  isec: required(1, "uint64"), // interval seconds
  iusec: required(2, "uint64"), // interval microseconds
  vsec: required(3, "uint64"), // time left, seconds
  vusec: required(4, "uint64"), // time left, microseconds
});
export type ItimerEntry = MessageOf<typeof itimerEntry>;

export const posixTimerEntry = message("posix_timer_entry", {
  it_id: required(1, "uint32"), // timer id as the task knows it
  clock_id: required(2, "uint32"), // CLOCK_*
  si_signo: required(3, "uint32"), // signal to send
  it_sigev_notify: required(4, "uint32"), // SIGEV_*
  sival_ptr: required(5, "uint64"), // sigevent value
  overrun: required(6, "uint32"),
  isec: required(7, "uint64"), // interval s
  insec: required(8, "uint64"), // interval ns
  vsec: required(9, "uint64"), // time left s
  vnsec: required(10, "uint64"), // time left ns
  notify_thread_id: optional(11, "int32"), // tid (in the task pid ns) for SIGEV_THREAD_ID
});
export type PosixTimerEntry = MessageOf<typeof posixTimerEntry>;

export const taskTimersEntry = message("task_timers_entry", {
  real: required(1, itimerEntry), // ITIMER_REAL
  virt: required(2, itimerEntry), // ITIMER_VIRTUAL
  prof: required(3, itimerEntry), // ITIMER_PROF
  posix: repeated(4, posixTimerEntry), // POSIX timers
});
export type TaskTimersEntry = MessageOf<typeof taskTimersEntry>;

export const saEntry = message("sa_entry", {
  sigaction: required(1, "uint64"), // handler address; 0 = default, 1 = ignore
  flags: required(2, "uint64"), // SA_* incl. SA_RESTORER
  restorer: required(3, "uint64"), // restorer address
  mask: required(4, "uint64"), // blocked while handling
  compat_sigaction: optional(5, "bool"), // 32-bit handler
  mask_extended: optional(6, "uint64"), // MIPS
});
export type SaEntry = MessageOf<typeof saEntry>;

export const siginfoEntry = message("siginfo_entry", {
  siginfo: required(1, "bytes"), // raw siginfo_t, 128 bytes (x86-64 layout)
});
export type SiginfoEntry = MessageOf<typeof siginfoEntry>;

export const signalQueueEntry = message("signal_queue_entry", {
  signals: repeated(1, siginfoEntry), // queue in delivery order
});
export type SignalQueueEntry = MessageOf<typeof signalQueueEntry>;

export const rseqEntry = message("rseq_entry", {
  rseq_abi_pointer: required(1, "uint64"), // address of struct rseq in the task
  rseq_abi_size: required(2, "uint32"), // 32 on first ABI
  signature: required(3, "uint32"),
  rseq_cs_pointer: optional(4, "uint64"), // rseq_cs in force at dump (CRIU moves ip to the abort handler when inside one)
});
export type RseqEntry = MessageOf<typeof rseqEntry>;

export const credsEntry = message("creds_entry", {
  uid: required(1, "uint32"),
  gid: required(2, "uint32"),
  euid: required(3, "uint32"),
  egid: required(4, "uint32"),
  suid: required(5, "uint32"),
  sgid: required(6, "uint32"),
  fsuid: required(7, "uint32"),
  fsgid: required(8, "uint32"),
  cap_inh: repeated(9, "uint32"), // 2 u32 each: low, high word
  cap_prm: repeated(10, "uint32"),
  cap_eff: repeated(11, "uint32"),
  cap_bnd: repeated(12, "uint32"),
  secbits: required(13, "uint32"),
  groups: repeated(14, "uint32"), // supplementary groups
  lsm_profile: optional(15, "string"), // SELinux label or AppArmor profile
  lsm_sockcreate: optional(16, "string"), // SELinux socket-create label
  apparmor_data: optional(17, "bytes"),
  no_new_privs: optional(18, "uint32"),
  cap_amb: repeated(19, "uint32"),
});
export type CredsEntry = MessageOf<typeof credsEntry>;
