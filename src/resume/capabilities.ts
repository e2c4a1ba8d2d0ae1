import type { CredsEntry } from "../criu/images/schema/index.ts";
import type { ResumedProcess } from "./process.ts";

/** Linux capabilities by number (include/uapi/linux/capability.h). */
export const capabilityNames = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
] as const;
export type CapabilityName = (typeof capabilityNames)[number];

/**
 * What a resume program needs beyond what the process has, and gives up before the process runs on: setting the next
 * pid and /proc/self/exe (CHECKPOINT_RESTORE, Linux ≥ 5.9), putting on and taking off credentials, a root directory, and
 * making files of any owner, with the set-group-id bits that they have.
 */
export const restoringCapabilities: readonly CapabilityName[] = [
  "CHECKPOINT_RESTORE",
  "SETPCAP",
  "SETUID",
  "SETGID",
  "DAC_OVERRIDE",
  "SYS_CHROOT",
  "CHOWN",
  "FOWNER",
  "FSETID",
];

export interface CapabilitySets {
  readonly inheritable: bigint;
  readonly permitted: bigint;
  readonly effective: bigint;
  readonly bounding: bigint;
  readonly ambient: bigint;
}

const word = (words: readonly number[]): bigint => BigInt((words[0] ?? 0) >>> 0) | (BigInt((words[1] ?? 0) >>> 0) << 32n);

export function capabilitiesOf(credentials: CredsEntry): CapabilitySets {
  return {
    inheritable: word(credentials.cap_inh),
    permitted: word(credentials.cap_prm),
    effective: word(credentials.cap_eff),
    bounding: word(credentials.cap_bnd),
    ambient: word(credentials.cap_amb),
  };
}

/** What the program begins with: what any of its threads has, or may get, and what rebuilding needs. */
export function startingCapabilities(processes: readonly ResumedProcess[]): bigint {
  const sets = processes.flatMap(({ threads }) =>
    threads.flatMap(({ core: { creds } }) => (creds === undefined ? [] : [capabilitiesOf(creds)])),
  );
  const needed = restoringCapabilities.reduce((set, name) => set | capabilityBit(name), 0n);
  return sets.reduce((all, { bounding, permitted }) => all | bounding | permitted, needed);
}

export function capabilityBit(name: CapabilityName): bigint {
  return 1n << BigInt(capabilityNames.indexOf(name));
}

/** The names of a set, as runtimes write them: CAP_CHOWN, … Unknown bits are left out. */
export function namesOf(set: bigint): string[] {
  return capabilityNames.filter((name) => (set & capabilityBit(name)) !== 0n).map((name) => `CAP_${name}`);
}
