/**
 * Registers and state of one thread, and of its process in the leader's image.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { machine, seccompMode } from "./enums.ts";
import { taskKobjIdsEntry } from "./inventory.ts";
import { credsEntry, rseqEntry, saEntry, signalQueueEntry, taskRlimitsEntry, taskTimersEntry } from "./process.ts";
import { threadInfoAarch64 } from "./registers-aarch64.ts";
import { threadInfoX86 } from "./registers-x86.ts";

export const taskCoreEntry = message("task_core_entry", {
  task_state: required(1, "uint32"), // 1 alive, 2 dead, 3 stopped, 6 zombie (COMPEL_TASK_*)
  exit_code: required(2, "uint32"), // wait status for zombie tasks
  personality: required(3, "uint32"), // personality(2) bits
  flags: required(4, "uint32"), // task flags from /proc/pid/stat
  blk_sigset: required(5, "uint64"), // legacy blocked mask of the leader
  comm: required(6, "string"), // task name (15 chars)
  timers: optional(7, taskTimersEntry), // interval and POSIX timers
  rlimits: optional(8, taskRlimitsEntry), // resource limits, indexed by RLIMIT_* number
  cg_set: optional(9, "uint32"), // deprecated (now in thread_core)
  signals_s: optional(10, signalQueueEntry), // shared (process-directed) pending signals
  old_seccomp_mode: optional(11, seccompMode), // deprecated
  old_seccomp_filter: optional(12, "uint32"), // deprecated
  loginuid: optional(13, "uint32"), // /proc/pid/loginuid
  oom_score_adj: optional(14, "int32"),
  sigactions: repeated(15, saEntry), // exactly 62 entries: signals 1..64 in order without SIGKILL(9) and SIGSTOP(19)
  child_subreaper: optional(18, "bool"), // PR_SET_CHILD_SUBREAPER
  blk_sigset_extended: optional(20, "uint64"), // MIPS only (128 signals)
  stop_signo: optional(21, "uint32"), // signal that stopped a stopped task
  membarrier_registration_mask: optional(22, "uint32"), // MEMBARRIER_CMD_REGISTER_* bits
});
export type TaskCoreEntry = MessageOf<typeof taskCoreEntry>;

export const threadSasEntry = message("thread_sas_entry", {
  ss_sp: required(1, "uint64"), // base
  ss_size: required(2, "uint64"),
  ss_flags: required(3, "uint32"), // SS_DISABLE=2, SS_ONSTACK=1, SS_AUTODISARM
});
export type ThreadSasEntry = MessageOf<typeof threadSasEntry>;

export const threadCoreEntry = message("thread_core_entry", {
  futex_rla: required(1, "uint64"), // robust futex list head address
  futex_rla_len: required(2, "uint32"), // its length (24)
  sched_nice: optional(3, "sint32"),
  sched_policy: optional(4, "uint32"), // SCHED_*
  sched_prio: optional(5, "uint32"),
  blk_sigset: optional(6, "uint64"), // blocked signal mask (bit n-1 = signal n)
  sas: optional(7, threadSasEntry), // alternate signal stack
  pdeath_sig: optional(8, "uint32"), // PR_SET_PDEATHSIG
  signals_p: optional(9, signalQueueEntry), // thread-directed pending signals
  creds: optional(10, credsEntry), // credentials
  seccomp_mode: optional(11, seccompMode),
  seccomp_filter: optional(12, "uint32"), // index into seccomp.img of the last filter
  comm: optional(13, "string"), // thread name
  blk_sigset_extended: optional(14, "uint64"), // MIPS
  rseq_entry: optional(15, rseqEntry), // restartable sequences registration
  cg_set: optional(16, "uint32"), // cgroup set id
});
export type ThreadCoreEntry = MessageOf<typeof threadCoreEntry>;

export const coreEntry = message("core_entry", {
  mtype: required(1, machine), // machine of the dumped thread; selects which thread_info field is set
  thread_info: optional(2, threadInfoX86), // x86 (32 and 64 bit) registers
  ti_arm: optional(6, "bytes"), // a thread_info_arm, kept as it is: not an architecture that this project reads
  ti_aarch64: optional(8, threadInfoAarch64), // ARM64 registers
  ti_ppc64: optional(9, "bytes"), // a thread_info_ppc64, kept as it is: not an architecture that this project reads
  ti_s390: optional(10, "bytes"), // a thread_info_s390, kept as it is: not an architecture that this project reads
  ti_mips: optional(11, "bytes"), // a thread_info_mips, kept as it is: not an architecture that this project reads
  ti_loongarch64: optional(12, "bytes"), // a thread_info_loongarch64, kept as it is: not an architecture that this project reads
  ti_riscv64: optional(13, "bytes"), // a thread_info_riscv64, kept as it is: not an architecture that this project reads
  tc: optional(3, taskCoreEntry), // whole-task state; present only in the core of the thread-group leader
  ids: optional(4, taskKobjIdsEntry), // legacy place of ids-<pid>.img
  thread_core: optional(5, threadCoreEntry), // per-thread state; present in each core file
});
export type CoreEntry = MessageOf<typeof coreEntry>;
