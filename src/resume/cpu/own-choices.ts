import { pageSize, vmaStatus } from "../../criu/images/flags.ts";
import type { ElfFile } from "../elf/reader.ts";
import { segmentType } from "../elf/reader.ts";
import { protection } from "../memory/memory.ts";
import { userVmas } from "../process.ts";
import { firstAvx512Function, isRedispatched } from "./avx512-code.ts";
import { instructionAt } from "./instructions.ts";
import type { Module, ProcessMemory } from "./modules.ts";

const evexPrefix = 0x62;
const executable = 1;
/** How many AVX-512 instructions must follow each other where no table tells where functions begin: by chance two hardly ever do. */
const inSuccession = 3;

/** What is known of a file is kept for the other processes that map it. */
const known = new WeakMap<ElfFile, boolean>();

/**
 * Code with AVX-512 instructions that nobody chooses anew: libraries with a choice of their own (numpy, OpenBLAS), programs of Go and
 * Rust, machine code made at run time. Whether it is used can't be seen; if so, it is an illegal instruction on the target.
 * @param handled files whose choice is known and changed
 */
export function findOwnChoices(memory: ProcessMemory, handled: ReadonlySet<Module>): string[] {
  const files = memory.modules.filter(
    (module) => !handled.has(module) && !isRedispatched(module.elf) && holdsOwnAvx512(module.elf),
  );
  const made = holdsMadeCode(memory) ? ["machine code made at run time"] : [];
  return [...files.map(({ path }) => path), ...made].map(
    (what) =>
      `${what} has AVX-512 instructions and chooses by itself; where it did, the program dies of an illegal instruction (SIGILL)`,
  );
}

function holdsOwnAvx512(elf: ElfFile): boolean {
  const before = known.get(elf);
  if (before !== undefined) return before;
  const hasTable = elf.segments.some(({ type }) => type === segmentType.GNU_EH_FRAME);
  const found = hasTable ? firstAvx512Function(elf) !== undefined : executableParts(elf).some(holdsSuccession);
  known.set(elf, found);
  return found;
}

function executableParts(elf: ElfFile): Uint8Array[] {
  return elf.segments
    .filter(({ type, flags }) => type === segmentType.LOAD && (flags & executable) !== 0)
    .map(({ offset, fileSize }) => elf.bytes.subarray(Number(offset), Number(offset + fileSize)));
}

function holdsSuccession(code: Uint8Array): boolean {
  for (let at = code.indexOf(evexPrefix); at !== -1; at = code.indexOf(evexPrefix, at + 1)) {
    let next = at;
    for (let count = 0; ; count++) {
      if (count === inSuccession) return true;
      const instruction = instructionAt(code, next);
      if (instruction === undefined || !instruction.evex) break;
      next += instruction.length;
    }
  }
  return false;
}

function holdsMadeCode({ process, read }: ProcessMemory): boolean {
  const areas = userVmas(process).filter(
    ({ prot, status }) => (prot & protection.EXEC) !== 0 && (status & vmaStatus.ANON_PRIVATE) !== 0,
  );
  return areas.some(({ start, end }) =>
    (process.pagemap?.runs ?? []).some((run) => {
      const from = run.address > start ? run.address : start;
      const runEnd = run.address + BigInt(run.pages * pageSize);
      const to = runEnd < end ? runEnd : end;
      const code = from < to ? read(from, Number(to - from)) : undefined;
      return code !== undefined && holdsSuccession(code);
    }),
  );
}
