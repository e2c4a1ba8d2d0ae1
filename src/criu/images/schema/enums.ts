/**
 * The enums of CRIU's images: `fdType.values.REG` is a number, `FdType` the type of all of them.
 */
import { type EnumOf, enumeration } from "../../protobuf/schema.ts";

export const lsmType = enumeration("lsmtype", { NO_LSM: 0, SELINUX: 1, APPARMOR: 2 });
export type LsmType = EnumOf<typeof lsmType>;

export const machine = enumeration("march", {
  UNKNOWN: 0,
  X86_64: 1,
  ARM: 2,
  AARCH64: 3,
  PPC64: 4,
  S390: 5,
  MIPS: 6,
  LOONGARCH64: 7,
  RISCV64: 8,
});
export type Machine = EnumOf<typeof machine>;

export const seccompMode = enumeration("seccomp_mode", { disabled: 0, strict: 1, filter: 2 });
export type SeccompMode = EnumOf<typeof seccompMode>;

export const userX86RegsMode = enumeration("user_x86_regs_mode", { NATIVE: 1, COMPAT: 2 });
export type UserX86RegsMode = EnumOf<typeof userX86RegsMode>;

export const fdType = enumeration("fd_types", {
  UND: 0,
  REG: 1,
  PIPE: 2,
  FIFO: 3,
  INETSK: 4,
  UNIXSK: 5,
  EVENTFD: 6,
  EVENTPOLL: 7,
  INOTIFY: 8,
  SIGNALFD: 9,
  PACKETSK: 10,
  TTY: 11,
  FANOTIFY: 12,
  NETLINKSK: 13,
  NS: 14,
  TUNF: 15,
  EXT: 16,
  TIMERFD: 17,
  MEMFD: 18,
  BPFMAP: 19,
  PIDFD: 20,
  CTL_TTY: 65534,
  AUTOFS_PIPE: 65535,
});
export type FdType = EnumOf<typeof fdType>;

export const markType = enumeration("mark_type", { INODE: 1, MOUNT: 2 });
export type MarkType = EnumOf<typeof markType>;

export const remapType = enumeration("remap_type", { LINKED: 0, GHOST: 1, PROCFS: 2 });
export type RemapType = EnumOf<typeof remapType>;

export const skShutdown = enumeration("sk_shutdown", { NONE: 0, READ: 1, WRITE: 2, BOTH: 3 });
export type SkShutdown = EnumOf<typeof skShutdown>;

export const ttyType = enumeration("TtyType", { UNKNOWN: 0, PTY: 1, CONSOLE: 2, VT: 3, CTTY: 4, EXT_TTY: 5, SERIAL: 6 });
export type TtyType = EnumOf<typeof ttyType>;

export const ndType = enumeration("nd_type", {
  LOOPBACK: 1,
  VETH: 2,
  TUN: 3,
  EXTLINK: 4,
  VENET: 5,
  BRIDGE: 6,
  MACVLAN: 7,
  SIT: 8,
});
export type NdType = EnumOf<typeof ndType>;

export const sysctlType = enumeration("SysctlType", { CTL_STR: 5, CTL_32: 6 });
export type SysctlType = EnumOf<typeof sysctlType>;

export const cpuVendor = enumeration("vendor", { UNKNOWN: 0, INTEL: 1, AMD: 2 });
export type CpuVendor = EnumOf<typeof cpuVendor>;
