import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { isInsideAvx512, leadsToAvx512 } from "../resume/cpu/avx512-code.ts";
import { type ElfFile, readElf, segmentType } from "../resume/elf/reader.ts";

/** How far code of no known function is looked at. */
const reach = 256;
/** How many words of the stack may lie above the return address of a routine that calls nothing. */
const stackWords = 32;

interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  readonly executable: boolean;
  readonly offset: bigint;
  readonly path: string;
}

/** Files by their content's identity, for all processes of a container. */
export type ElfCache = Map<string, ElfFile | undefined>;

/** The code that a living process runs. */
export class CodeOfProcess {
  readonly #pid: number;
  readonly #mappings: readonly Mapping[];
  readonly #files: ElfCache;

  constructor(pid: number, files: ElfCache) {
    this.#pid = pid;
    this.#files = files;
    this.#mappings = readMappings(pid);
  }

  /** Whether an instruction belongs to an AVX-512 routine. */
  isInsideAvx512(address: bigint): boolean {
    const mapping = this.#mappingAt(address);
    if (mapping === undefined) return false;
    const elf = this.#file(mapping);
    const offset = address - mapping.start + mapping.offset;
    const segment = elf?.segments.find(
      (segment) => segment.type === segmentType.LOAD && offset >= segment.offset && offset < segment.offset + segment.fileSize,
    );
    return elf !== undefined && segment !== undefined
      ? isInsideAvx512(elf, offset - segment.offset + segment.address)
      : leadsToAvx512(this.#read(address, reach));
  }

  /** Where a routine that calls nothing will return to: the first word of its stack that points behind a call instruction. */
  returnAddress(stackPointer: bigint): bigint | undefined {
    const stack = this.#read(stackPointer, 8 * stackWords);
    for (let at = 0; at + 8 <= stack.length; at += 8) {
      const address = stack.readBigUInt64LE(at);
      if (this.#mappingAt(address)?.executable === true && endsInCall(this.#read(address - 7n, 7))) return address;
    }
    return undefined;
  }

  #mappingAt(address: bigint): Mapping | undefined {
    return this.#mappings.find(({ start, end }) => address >= start && address < end);
  }

  #file({ start, end, path }: Mapping): ElfFile | undefined {
    if (path === "") return undefined;
    if (!this.#files.has(path)) {
      // As the process has it mapped, whatever has become of the path.
      const link = `/proc/${this.#pid}/map_files/${start.toString(16)}-${end.toString(16)}`;
      this.#files.set(path, readElf(readFileSync(link)));
    }
    return this.#files.get(path);
  }

  #read(address: bigint, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    const file = openSync(`/proc/${this.#pid}/mem`, "r");
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, length, address));
    } catch {
      return bytes.subarray(0, 0); // nothing is mapped there
    } finally {
      closeSync(file);
    }
  }
}

/** call rel32; call r/m with no, a short or a long displacement (Intel SDM volume 2, CALL). */
function endsInCall(bytes: Uint8Array): boolean {
  const [length, isIndirect] = [bytes.length, (at: number) => bytes[at] === 0xff && ((bytes[at + 1]! >> 3) & 7) === 2];
  return length === 7 && (bytes[length - 5] === 0xe8 || [2, 3, 4, 6, 7].some((size) => isIndirect(length - size)));
}

function readMappings(pid: number): Mapping[] {
  return readFileSync(`/proc/${pid}/maps`, "utf8")
    .split("\n")
    .flatMap((line) => {
      const found = /^([0-9a-f]+)-([0-9a-f]+) (..(.).) ([0-9a-f]+) (\S+ \d+) *(.*)$/.exec(line);
      if (found === null) return [];
      const [, start, end, , execute, offset, inode, path] = found as unknown as string[];
      const isFile = path!.startsWith("/");
      return [
        {
          start: BigInt(`0x${start}`),
          end: BigInt(`0x${end}`),
          executable: execute === "x",
          offset: BigInt(`0x${offset}`),
          path: isFile ? `${inode} ${path}` : "",
        },
      ];
    });
}
