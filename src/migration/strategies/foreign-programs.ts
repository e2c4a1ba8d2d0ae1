import { buffer } from "node:stream/consumers";
import type { Host } from "../../host/host.ts";
import { elfMachines } from "../../resume/elf/machines.ts";

/** `e_machine` of files of no instruction set. */
const ofNone = 0;
const headerLength = 20;
const machineOffset = 18;

// A name with a line feed can't be told to tar's list of exclusions, and no program has one. `-v`: a line `==> name <==` before each file (coreutils, toybox).
const headersScript = `cd "$1"; find . -type f ! -name '*
*' -exec head -v -c ${headerLength} {} +`;

const filePattern = new RegExp(`(?:^|\\n)==> \\./([^\\n]+) <==\\n([^]{${headerLength}})(?=\\n==> |$)`, "g");

/**
 * Programs and libraries below a folder that a machine can't run.
 * @param host the folder's machine
 * @param architecture the one of the machine that shall run them, as `uname -m` says it
 * @returns their paths below the folder, in order
 * @throws MigrationError `command-failed`, `target-unreachable`, `cancelled`
 */
export async function foreignPrograms(host: Host, folder: string, architecture: string, signal?: AbortSignal): Promise<string[]> {
  const output = await buffer(host.stream(["sh", "-euc", headersScript, "sh", folder], { signal }));
  const own = (elfMachines as Readonly<Record<string, number>>)[architecture];
  const found: string[] = [];
  // A file whose content looks like such a line has no room left for a header after it.
  for (const [, name = "", header = ""] of output.toString("latin1").matchAll(filePattern)) {
    const machine = machineOf(Buffer.from(header, "latin1"));
    if (machine === undefined || machine === ofNone || machine === own) continue;
    found.push(Buffer.from(name, "latin1").toString("utf8"));
  }
  return found.toSorted();
}

/** @returns undefined for a file that is no ELF file */
function machineOf(header: Buffer): number | undefined {
  if (header.length < headerLength || header.toString("latin1", 0, 4) !== "\x7fELF") return;
  // e_ident[EI_DATA]: 2 means big-endian.
  return header[5] === 2 ? header.readUInt16BE(machineOffset) : header.readUInt16LE(machineOffset);
}
