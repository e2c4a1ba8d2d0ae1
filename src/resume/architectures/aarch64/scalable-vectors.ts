import { MigrationError } from "../../../errors.ts";
import type { ProcessMemory } from "../../cpu/modules.ts";
import type { ResumedProcess } from "../../process.ts";
import { auxiliary } from "./auxiliary-vector.ts";

/** Types of the auxiliary vector (include/uapi/linux/auxvec.h), and their bits (arch/arm64/include/uapi/asm/hwcap.h). */
const AT_HWCAP = 16n;
const AT_HWCAP2 = 26n;
const HWCAP_SVE = 1n << 22n;
const HWCAP2_SME = 1n << 23n;
const svc = 0xd400_0001;
const instructionSize = 4n;

/**
 * CRIU's images have the low halves of SVE's registers only (CRIU v4.2, images/core-aarch64.proto), and nothing of predicates. A thread in a
 * system call has no more: the kernel forgets it there (Documentation/arch/arm64/sve.rst, 4). So on a CPU that has SVE or SME a thread must be in
 * one, right behind its instruction or right before it, if the call shall be made again.
 * @throws MigrationError `cannot-carry`, transient
 */
export function refuseScalableVectors(process: ResumedProcess, openMemory: () => ProcessMemory): void {
  const vector = process.memory.mm_saved_auxv;
  const present = ((auxiliary(vector, AT_HWCAP) ?? 0n) & HWCAP_SVE) | ((auxiliary(vector, AT_HWCAP2) ?? 0n) & HWCAP2_SME);
  if (present === 0n) return;
  const memory = openMemory();
  const outside = process.threads.find(({ state: { instruction } }) =>
    [instruction, instruction - instructionSize].every((address) => memory.read32(address) !== svc),
  );
  if (outside === undefined) return;
  throw new MigrationError(
    "cannot-carry",
    `thread ${outside.tid} was stopped outside of a system call on a CPU with SVE, whose registers are not in CRIU's images`,
    { remedy: "Try again when the program waits for something.", details: { transient: true } },
  );
}
