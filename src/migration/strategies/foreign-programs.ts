import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** `e_machine` of an ELF header (elf(5)): what the instructions are for. Files of no instruction set have 0. */
const machines: Readonly<Record<string, number>> = { aarch64: 183, x86_64: 62 };
const headerLength = 20;
const machineOffset = 18;

/**
 * Programs and libraries below a folder that a machine can't run.
 * @param architecture the machine's, as `uname -m` says it
 * @returns their paths below the folder, in order
 */
export async function foreignPrograms(folder: string, architecture: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    // A name with a line feed can't be told to tar's list of exclusions, and no program has one.
    if (!entry.isFile() || entry.name.includes("\n")) continue;
    const path = join(entry.parentPath, entry.name);
    const machine = await machineOf(path);
    if (machine !== undefined && machine !== 0 && machine !== machines[architecture]) found.push(path.slice(folder.length + 1));
  }
  return found.toSorted();
}

/** @returns undefined for a file that is no ELF file */
async function machineOf(path: string): Promise<number | undefined> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headerLength), 0, headerLength, 0);
  if (bytesRead < headerLength || buffer.toString("latin1", 0, 4) !== "\x7fELF") return;
  // e_ident[EI_DATA]: 2 means big-endian.
  return buffer[5] === 2 ? buffer.readUInt16BE(machineOffset) : buffer.readUInt16LE(machineOffset);
}
