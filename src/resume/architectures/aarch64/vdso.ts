import { aarch64Syscalls } from "../../machine-code/aarch64/syscalls.ts";

/** vDSO functions (arch/arm64/kernel/vdso/vdso.lds.S) that read the kernel's data, and the system calls that do the same. */
const replacements: Readonly<Record<string, number>> = {
  __kernel_clock_gettime: aarch64Syscalls.clock_gettime,
  __kernel_gettimeofday: aarch64Syscalls.gettimeofday,
  __kernel_clock_getres: aarch64Syscalls.clock_getres,
  __kernel_getrandom: aarch64Syscalls.getrandom,
};

/** A function of the vDSO that makes a system call instead; undefined for other symbols, as `__kernel_rt_sigreturn`, which needs no data. */
export function vdsoFunction(symbol: string): Uint8Array | undefined {
  const number = replacements[symbol];
  if (number === undefined) return undefined;
  // mov x8, #number; svc #0; ret
  return new Uint8Array(Uint32Array.of(0xd280_0008 | (number << 5), 0xd400_0001, 0xd65f_03c0).buffer);
}
