import type { ArchitectureName } from "./architectures/architecture.ts";
import type { Emulator, EmulatorStart } from "./emulators/emulator.ts";

/** What a kernel does for programs, and an emulator does not. */
export type Gap = (typeof gapNames)[number];

export const gapNames = [
  /** MADV_DONTFORK and MADV_WIPEONFORK are accepted and forgotten (linux-user/mmap.c, target_madvise). */
  "advice-for-forks",
  /** set_robust_list gives ENOSYS (linux-user/syscall.c): who dies with a lock held leaves it locked. */
  "robust-futexes",
  /** Timers have ids of the emulator's own, while the program knows the kernel's (linux-user/syscall.c, get_timer_id). */
  "timer-ids",
  /** Limits of address space, data and stack are accepted and ignored (linux-user/syscall.c, setrlimit): they would be its own. */
  "memory-limits",
  /** PR_SET_CHILD_SUBREAPER gives EINVAL (linux-user/syscall.c, do_prctl). */
  "subreapers",
] as const;

/** The machine that a resume program is compiled for. */
export interface ResumeTarget {
  /** Of which architecture the programs are that it runs so. */
  readonly architecture: ArchitectureName;
  /** `native`: a CPU runs the program; `emulated`: a user-mode emulator does. */
  readonly execution: "native" | "emulated";
  /** Whether the x86_64 CPU (or the emulator) has AVX-512: qemu's TCG has not. */
  readonly avx512: boolean;
  /**
   * Whether CPU features that the program found at its start are missing now, so that what it chose by them
   * (IFUNC slots, ld.so's trampoline) must be chosen anew.
   */
  readonly redispatch: boolean;
  readonly lacks: ReadonlySet<Gap>;
  /** How the emulator is started; undefined: the kernel starts what runs the program. */
  readonly start?: EmulatorStart;
}

const nothing: ReadonlySet<Gap> = new Set();

/** A machine with an emulator. None that is known has AVX-512, XSAVEC or RTM (qemu-user's TCG up to 10.0). */
export function emulatedTarget({ lacks, start }: Emulator): ResumeTarget {
  return {
    architecture: "x86_64",
    execution: "emulated",
    avx512: false,
    redispatch: true,
    lacks,
    ...(start === undefined ? {} : { start }),
  };
}

/** An ARM64 machine that runs ARM64 programs, and whose CPU has all that the source's has: nothing that they chose by it is chosen anew. */
export const nativeArm64Target: ResumeTarget = {
  ...{ architecture: "aarch64", execution: "native", avx512: false, redispatch: false, lacks: nothing },
};

/** x86 features whose absence on the target makes a choice made on the source invalid (names as in /proc/cpuinfo). */
const dispatchFeatures = ["avx512f", "avx512vl", "avx512bw", "avx512dq", "avx512cd", "rtm", "xsavec"] as const;
/** What glibc's remaining choices may rely on after the re-dispatch. */
const baselineFeatures = [
  "avx",
  "avx2",
  "bmi1",
  "bmi2",
  "fma",
  "movbe",
  "lzcnt",
  "abm",
  "popcnt",
  "sse4_2",
  "erms",
  "fsrm",
] as const;

/**
 * A native x86_64 target.
 * @param source CPU flags of the source, as in /proc/cpuinfo
 * @param target CPU flags of the target
 * @returns the description, or the features that the target lacks and that can't be dispatched away
 */
export function nativeTarget(
  source: ReadonlySet<string>,
  target: ReadonlySet<string>,
): ResumeTarget | { readonly missing: string[] } {
  const missing = baselineFeatures.filter((feature) => source.has(feature) && !target.has(feature));
  if (missing.length > 0) return { missing };
  return {
    architecture: "x86_64",
    execution: "native",
    avx512: target.has("avx512f"),
    redispatch: dispatchFeatures.some((feature) => source.has(feature) && !target.has(feature)),
    lacks: nothing,
  };
}
