/** vDSO functions and the system calls that do the same; each has a second name that begins with `__vdso_`. */
const replacements: Readonly<Record<string, number>> = {
  clock_gettime: 228,
  gettimeofday: 96,
  time: 201,
  getcpu: 309,
  clock_getres: 229,
  getrandom: 318,
};

/** A function of the vDSO that makes a system call instead; undefined for other symbols. */
export function vdsoFunction(symbol: string): Uint8Array | undefined {
  const number = replacements[symbol.replace("__vdso_", "")];
  if (number === undefined) return undefined;
  return new Uint8Array([0xb8, number & 255, number >> 8, 0, 0, 0x0f, 0x05, 0xc3]); // mov eax, nr; syscall; ret
}
