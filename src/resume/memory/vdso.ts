import { vmaStatus } from "../../criu/images/flags.ts";
import { MigrationError } from "../../errors.ts";
import { readElf } from "../elf/reader.ts";
import type { Emission } from "../emission.ts";
import { userVmas } from "../process.ts";
import type { MemoryPatch } from "./patches.ts";

/** It has 8 KiB (Linux 6.18). */
const largestSize = 1 << 20;

/**
 * The vDSO of the source's kernel reads data pages that only that kernel fills. Its code stays where the program
 * expects it, with each function replaced by the system call.
 * @throws MigrationError `cannot-carry` when the vDSO isn't in the images or a thread stopped inside it
 */
export function vdsoPatches({ process, images }: Pick<Emission, "process" | "images">): MemoryPatch[] {
  const vma = userVmas(process).find(({ status }) => (status & vmaStatus.VDSO) !== 0);
  if (vma === undefined) return [];
  const size = Number(vma.end - vma.start);
  if (size > largestSize) throw new MigrationError("image-corrupt", `the vDSO in the checkpoint has ${size} bytes`);
  const image = images.readPages(process.pagemap, vma.start, size);
  if (image === undefined) throw new MigrationError("cannot-carry", "the checkpoint does not hold the vDSO's pages");
  const inside = process.threads.find(({ state }) => state.instruction >= vma.start && state.instruction < vma.end);
  if (inside !== undefined) {
    throw new MigrationError(
      "cannot-carry",
      `thread ${inside.tid} was stopped inside the vDSO, which is replaced on the target`,
      {
        remedy: "Try again: the thread is there for nanoseconds only.",
        details: { transient: true },
      },
    );
  }
  const elf = readElf(image);
  if (elf === undefined) throw new MigrationError("image-corrupt", "the vDSO in the checkpoint is not an ELF file");
  return elf.symbols.flatMap(({ name, value, size, section }) => {
    const bytes = process.architecture.vdsoFunction(name);
    if (bytes === undefined || section === 0 || size < BigInt(bytes.length)) return [];
    return [{ address: vma.start + value - elf.lowestAddress, bytes }];
  });
}
