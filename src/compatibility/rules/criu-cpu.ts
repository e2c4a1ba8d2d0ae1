/**
 * Instruction sets by their names in /proc/cpuinfo, without which programs of another CPU end with SIGILL after a restore: those
 * that CRIU compares (criu/arch/x86/cpu.c, x86_ins_capability_mask), and newer ones that it does not know yet. What the kernel
 * makes up (`nopl`, `rep_good`) and mitigations of faults are not among them.
 */
const compared = new Set(
  [
    "fpu tsc cx8 sep cmov clflush mmx fxsr sse sse2 syscall mmxext rdtscp 3dnowext 3dnow",
    "pni pclmulqdq monitor ssse3 cx16 sse4_1 sse4_2 movbe popcnt aes xsave avx f16c rdrand",
    "abm sse4a misalignsse 3dnowprefetch xop fma4 tbm",
    "fsgsbase bmi1 hle avx2 bmi2 erms rtm mpx rdseed adx clflushopt sha_ni",
    "avx512f avx512dq avx512pf avx512er avx512cd avx512bw avx512vl",
    "xsaveopt xsavec xgetbv1 xsaves",
    // Not known to CRIU 4.2.
    "fma avx512vbmi avx512_vbmi2 gfni vaes vpclmulqdq avx512_vnni avx512_bitalg avx512_vpopcntdq rdpid fsrm",
  ].flatMap((names) => names.split(" ")),
);

/** @returns those that the source's CPU has and the target's lacks */
export function instructionsMissing(source: readonly string[], target: readonly string[]): string[] {
  const has = new Set(target);
  return source.filter((flag) => compared.has(flag) && !has.has(flag));
}
