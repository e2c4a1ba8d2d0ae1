import { closeSync, openSync, readFileSync, readSync } from "node:fs";

export interface LiveMapping {
  readonly start: bigint;
  readonly end: bigint;
  /** `rw-p` */
  readonly permissions: string;
  readonly offset: bigint;
  /** Empty for anonymous memory. */
  readonly path: string;
  /** Two-letter VmFlags (Documentation/filesystems/proc.rst). */
  readonly flags: ReadonlySet<string>;
}

/** The mappings of a running process, in order. */
export function readMappings(pid: number): LiveMapping[] {
  const mappings: LiveMapping[] = [];
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) (\S+) ([0-9a-f]+) \S+ \d+ *(.*)$/.exec(line);
    if (head !== null) {
      const [start, end, offset] = [head[1], head[2], head[4]].map((digits) => BigInt(`0x${digits}`)) as [bigint, bigint, bigint];
      mappings.push({ start, end, permissions: head[3]!, offset, path: head[5]!, flags: new Set() });
    }
    const flags = /^VmFlags: (.*)$/.exec(line);
    if (flags !== null) mappings.push({ ...mappings.pop()!, flags: new Set(flags[1]!.trim().split(" ")) });
  }
  return mappings;
}

export function readMemory(pid: number, address: bigint, length: number): Uint8Array {
  const descriptor = openSync(`/proc/${pid}/mem`, "r");
  try {
    const bytes = new Uint8Array(length);
    const count = readSync(descriptor, bytes, 0, length, address);
    return bytes.subarray(0, count);
  } finally {
    closeSync(descriptor);
  }
}

export function readAddress(pid: number, address: bigint): bigint {
  return new DataView(readMemory(pid, address, 8).buffer).getBigUint64(0, true);
}
