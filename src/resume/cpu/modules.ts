import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { vmaStatus } from "../../criu/images/flags.ts";
import { type ElfFile, readElf } from "../elf/reader.ts";
import { readContents } from "../files/unlinked-files.ts";
import { filePath, type ResumedProcess, userVmas } from "../process.ts";

/** An ELF file that is mapped in the process. */
export interface Module {
  readonly path: string;
  readonly elf: ElfFile;
  /** What is added to the file's addresses. */
  readonly base: bigint;
  readonly start: bigint;
  readonly end: bigint;
}

/** Reads a file of the container. Undefined: it isn't there. */
export type ReadContainerFile = (path: string) => Uint8Array | undefined;

/** Memory of the stopped process: pages of the dump, else the bytes of the mapped file. */
export interface ProcessMemory {
  readonly modules: readonly Module[];
  readonly process: ResumedProcess;
  /** @returns undefined where nothing is known of the address */
  read(address: bigint, length: number): Uint8Array | undefined;
  read64(address: bigint): bigint | undefined;
  read32(address: bigint): number | undefined;
  moduleAt(address: bigint): Module | undefined;
}

export function openProcessMemory(images: CheckpointImages, process: ResumedProcess, readFile: ReadContainerFile): ProcessMemory {
  const modules = findModules(images, process, readFile);
  const moduleAt = (address: bigint): Module | undefined => modules.find(({ start, end }) => address >= start && address < end);
  const read = (address: bigint, length: number): Uint8Array | undefined => {
    const dumped = process.pagemap && images.readPages(process.pagemap, address, length);
    if (dumped !== undefined) return dumped;
    const module = moduleAt(address);
    return module?.elf.read(address - module.base, length);
  };
  const view = (address: bigint, length: number): DataView | undefined => {
    const bytes = read(address, length);
    return bytes === undefined || bytes.length < length ? undefined : new DataView(bytes.buffer, bytes.byteOffset, length);
  };
  return {
    modules,
    process,
    read,
    read64: (address) => view(address, 8)?.getBigUint64(0, true),
    read32: (address) => view(address, 4)?.getUint32(0, true),
    moduleAt,
  };
}

function findModules(images: CheckpointImages, process: ResumedProcess, readFile: ReadContainerFile): Module[] {
  const modules = new Map<bigint, Module>();
  for (const vma of userVmas(process)) {
    if ((vma.status & vmaStatus.FILE_PRIVATE) === 0 || (vma.status & vmaStatus.MEMFD) !== 0 || vma.pgoff !== 0n) continue;
    if (modules.has(vma.shmid)) continue;
    const path = filePath(images, vma.shmid);
    // A file that was replaced while it was mapped is in the dump; under its name there is another one.
    const deleted = images.ghost(images.remaps.get(Number(vma.shmid))?.remap_id ?? -1);
    const elf = deleted === undefined ? readOnce(path, readFile) : readElf(readContents(images, deleted));
    if (elf === undefined) continue;
    const base = elf.fixed ? 0n : vma.start - elf.lowestAddress;
    modules.set(vma.shmid, { path, elf, base, start: base + elf.lowestAddress, end: base + elf.highestAddress });
  }
  return [...modules.values()];
}

/**
 * All processes of a compile read through the same function, and mostly map the same files. A tree of eight processes with
 * sixty libraries each was stopped three times as long while every process read them for itself.
 */
const filesRead = new WeakMap<ReadContainerFile, Map<string, ElfFile | undefined>>();

function readOnce(path: string, readFile: ReadContainerFile): ElfFile | undefined {
  const files = filesRead.get(readFile) ?? new Map<string, ElfFile | undefined>();
  filesRead.set(readFile, files);
  if (!files.has(path)) {
    const content = readFile(path);
    files.set(path, content && readElf(content));
  }
  return files.get(path);
}
