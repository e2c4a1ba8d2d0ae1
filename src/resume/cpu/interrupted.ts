import { MigrationError } from "../../errors.ts";
import type { ResumedThread } from "../process.ts";
import type { ProcessMemory } from "./modules.ts";

const notInSyscall = (1n << 64n) - 1n;
/** How far the code is looked at: glibc's AVX-512 routines are loops of some hundred bytes without calls. */
const window = { before: 64, after: 256 };

/**
 * A thread that was stopped within an AVX-512 routine of a library can't go on where there is no AVX-512, whatever
 * the IFUNC slots say.
 * @throws MigrationError `cannot-carry` (transient: the next dump will find it elsewhere)
 */
export function refuseInsideAvx512(memory: ProcessMemory, threads: readonly ResumedThread[]): void {
  for (const { tid, info } of threads) {
    const { ip, orig_ax: origAx } = info.gpregs;
    const module = memory.moduleAt(ip);
    if (origAx !== notInSyscall || module === undefined) continue;
    const code = module.elf.read(ip - module.base - BigInt(window.before), window.before + window.after);
    if (code !== undefined && holdsEvex(code)) {
      throw new MigrationError(
        "cannot-carry",
        `thread ${tid} was stopped inside an AVX-512 routine of ${module.path}, which the target's CPU can't run`,
        {
          remedy: "Try again: such routines take microseconds.",
          details: { transient: true },
        },
      );
    }
  }
}

/** An EVEX prefix: 0x62, then a byte whose bit 3 is 0, then one whose bit 2 is 1 (Intel SDM volume 2, 2.7). */
function holdsEvex(code: Uint8Array): boolean {
  for (let at = code.indexOf(0x62); at !== -1 && at + 3 < code.length; at = code.indexOf(0x62, at + 1)) {
    const [first, second] = [code[at + 1]!, code[at + 2]!];
    if ((first & 0x08) === 0 && (first & 0x07) >= 1 && (first & 0x07) <= 3 && (second & 0x04) !== 0) return true;
  }
  return false;
}
