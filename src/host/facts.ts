import { type BinfmtEntry, parseBinfmtEntry } from "./binfmt.ts";
import { factsScript } from "./facts-script.ts";
import type { Host } from "./host.ts";

export type { BinfmtEntry } from "./binfmt.ts";

/** What a machine is, as far as it decides what can run there. */
export interface HostFacts {
  /** As `uname -m` says it: `x86_64`, `aarch64`. */
  readonly architecture: string;
  /** As `uname -r` says it. */
  readonly kernelRelease: string;
  /** Bytes. */
  readonly pageSize: number;
  /** How many bits the addresses of an ordinary program have: 47 on x86_64, 48 or 39 on ARM64. 0 when it could not be read. */
  readonly addressBits: number;
  /** Whether x86_64's addresses (47 bits) exist there. */
  readonly holdsX86Addresses: boolean;
  /** The user that commands run as. */
  readonly uid: number;
  /** Flags (x86) or features (ARM) of the first CPU. */
  readonly cpuFlags: readonly string[];
  /** Bytes. */
  readonly memoryTotal: number;
  /** Bytes that can be had without swapping. */
  readonly memoryAvailable: number;
  /** Bytes that are free for the user, by the directories asked for. A directory that does not exist counts as its nearest parent. */
  readonly freeBytes: ReadonlyMap<string, number>;
  /** The handlers for x86_64 programs. */
  readonly emulators: readonly BinfmtEntry[];
}

/**
 * Reads a machine's facts in one round trip.
 * @param directories absolute paths whose file system's free space is wanted
 * @throws MigrationError as `Host.script`
 */
export async function readHostFacts(host: Host, directories: readonly string[] = [], signal?: AbortSignal): Promise<HostFacts> {
  return parseFacts(await host.script(factsScript, directories, { signal }), directories);
}

/** @param text what the script printed: sections that begin with a line `@@ title` */
export function parseFacts(text: string, directories: readonly string[]): HostFacts {
  const sections = text.split(/^@@ /m).slice(1).map(splitTitle);
  const section = (title: string) => sections.find(([name]) => name === title)?.[1] ?? "";
  const memory = (key: string) => Number(new RegExp(`^${key}: +(\\d+) kB`, "m").exec(section("memory"))?.[1] ?? 0) * 1024;
  const free = sections.filter(([name]) => name === "free").map(([, lines]) => freeBytesOf(lines));
  const addressBits = highestAddressBits(section("maps"));
  return {
    architecture: section("architecture").trim(),
    kernelRelease: section("kernel").trim(),
    pageSize: Number(/^KernelPageSize: +(\d+) kB/m.exec(section("page"))?.[1] ?? 4) * 1024,
    addressBits,
    holdsX86Addresses: addressBits >= 47,
    uid: Number(section("uid")),
    cpuFlags: /^(?:flags|Features)\s*: *(.*)$/m.exec(section("cpu"))?.[1]?.trim().split(/\s+/) ?? [],
    memoryTotal: memory("MemTotal"),
    memoryAvailable: memory("MemAvailable"),
    freeBytes: new Map(directories.map((directory, index) => [directory, free[index] ?? 0])),
    emulators: emulatorsOf(sections),
  };
}

function splitTitle(section: string): [title: string, lines: string] {
  const end = section.indexOf("\n");
  return [section.slice(0, end), section.slice(end + 1)];
}

function highestAddressBits(maps: string): number {
  // The vsyscall page lies outside of the user's address space.
  const ends = maps
    .split("\n")
    .flatMap((line) => (line.includes("[vsyscall]") ? [] : (/^[0-9a-f]+-([0-9a-f]+) /.exec(line)?.[1] ?? [])));
  const highest = ends.reduce((most, end) => (BigInt(`0x${end}`) > most ? BigInt(`0x${end}`) : most), 0n);
  return highest === 0n ? 0 : (highest - 1n).toString(2).length;
}

function freeBytesOf(df: string): number {
  return Number(/\s\d+\s+\d+\s+(\d+)\s+\d+%/.exec(df)?.[1] ?? 0) * 1024;
}

function emulatorsOf(sections: readonly (readonly [string, string])[]): BinfmtEntry[] {
  const value = (title: string) => sections.find(([name]) => name === title)?.[1] ?? "";
  const off = value("binfmt-status").trim() === "disabled";
  return sections.flatMap(([title, text]) => {
    if (!title.startsWith("binfmt ")) return [];
    const name = title.slice("binfmt ".length);
    const entry = parseBinfmtEntry(name, text, value(`version ${name}`));
    return entry === undefined ? [] : [off ? { ...entry, enabled: false } : entry];
  });
}
