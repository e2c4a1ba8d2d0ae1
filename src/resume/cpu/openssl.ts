import { pageSize } from "../../criu/images/flags.ts";
import type { MemoryPatch } from "../memory/patches.ts";
import { cpuidWords, findCpuFeatures } from "./glibc-features.ts";
import type { Module, ProcessMemory } from "./modules.ts";

/**
 * OpenSSL keeps CPUID words in `OPENSSL_ia32cap_P` and looks at them at nearly every call (crypto/x86_64cpuid.pl): leaf 1
 * EDX and ECX, leaf 7 EBX and ECX, with some bits changed. No symbol names it, in libcrypto or where it is linked in
 * (node, for one); it is found by the words that glibc keeps of the same CPU.
 */
const wordCount = 4;

const bits = (...numbers: readonly number[]): number => numbers.reduce((mask, bit) => (mask | (1 << bit)) >>> 0, 0);
/** Leaf 7 EBX: HLE, RTM, AVX512F, DQ, IFMA, PF, ER, CD, SHA, BW, VL. qemu's TCG has none of them (7.2, 10.0). */
const maskedEbx = bits(4, 11, 16, 17, 21, 26, 27, 28, 29, 30, 31);
/** Leaf 7 ECX: AVX512_VBMI, VBMI2, GFNI, VAES, VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ. */
const maskedEcx = bits(1, 6, 8, 9, 10, 11, 12, 14);
/** OpenSSL clears the bit of AMD's XOP where it can't be used. */
const xop = bits(11);

/** The patches that make every OpenSSL of the process forget the features. */
export function forgetOpensslFeatures(memory: ProcessMemory): MemoryPatch[] {
  const [structure] = findCpuFeatures(memory);
  const words = structure === undefined ? undefined : cpuidWords(memory, structure);
  if (words === undefined || words.leaf7Ecx === 0) return [];
  const lastWord = Buffer.alloc(4);
  lastWord.writeUInt32LE(words.leaf7Ecx);
  return memory.modules.flatMap((module) =>
    dumpedParts(memory, module).flatMap(({ address, bytes }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const patches: MemoryPatch[] = [];
      for (let found = bytes.indexOf(lastWord); found !== -1; found = bytes.indexOf(lastWord, found + 1)) {
        const at = found - 4 * (wordCount - 1);
        if (at < 0 || at % 4 !== 0) continue;
        const [ecx1, ebx7, ecx7] = [view.getUint32(at + 4, true), view.getUint32(at + 8, true), view.getUint32(at + 12, true)];
        const agrees =
          ecx7 === words.leaf7Ecx && differing(ebx7, words.leaf7Ebx) <= 2 && differing(ecx1 & ~xop, words.leaf1Ecx & ~xop) <= 1;
        if (!agrees) continue;
        const changed = new Uint8Array(8);
        new DataView(changed.buffer).setUint32(0, (ebx7 & ~maskedEbx) >>> 0, true);
        new DataView(changed.buffer).setUint32(4, (ecx7 & ~maskedEcx) >>> 0, true);
        patches.push({ address: address + BigInt(at + 8), bytes: changed });
      }
      return patches;
    }),
  );
}

function differing(left: number, right: number): number {
  let difference = (left ^ right) >>> 0;
  let count = 0;
  for (; difference !== 0; difference = (difference & (difference - 1)) >>> 0) count++;
  return count;
}

/** The dumped memory of a module: its data and bss, as far as they were written. */
function dumpedParts(memory: ProcessMemory, { start, end }: Module): { readonly address: bigint; readonly bytes: Buffer }[] {
  return (memory.process.pagemap?.runs ?? []).flatMap((run) => {
    const from = run.address > start ? run.address : start;
    const runEnd = run.address + BigInt(run.pages * pageSize);
    const to = runEnd < end ? runEnd : end;
    const bytes = from < to ? memory.read(from, Number(to - from)) : undefined;
    return bytes === undefined ? [] : [{ address: from, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) }];
  });
}
