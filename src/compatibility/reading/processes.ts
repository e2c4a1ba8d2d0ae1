import type { ProcessFacts } from "../live-facts.ts";
import { grepByProcess, listedByProcess } from "./by-process.ts";
import { parseDescriptors } from "./descriptors.ts";
import { linesOf } from "./sections.ts";
import { markSessions } from "./sessions.ts";

/**
 * @param section gives a section of what the live script printed
 * @param first the host's id of the container's first process, which comes first in the answer
 */
export function parseProcesses(section: (title: string) => string, first: number): ProcessFacts[] {
  const grepped = (title: string) => {
    const lines = grepByProcess(section(title));
    return (pid: number) => lines.get(pid) ?? [];
  };
  const listed = (title: string, directory: string) => {
    const lines = listedByProcess(section(title), directory);
    return (pid: number) => lines.get(pid) ?? [];
  };
  const stat = grepped("stat");
  const maps = grepped("maps");
  const personality = grepped("personality");
  const timers = grepped("timers");
  const descriptors = listed("descriptors", "fd");
  const kinds = listed("kinds", "fd");
  const namespaces = listed("descriptors", "ns");
  const links = parseLinks(section("links"));
  const locks = parseLocks(section("locks"));
  const elf = parseElfHeaders(section("elf"));
  const processes = [...grepByProcess(section("status"))].map(([pid, status]) => ({
    pid,
    ...parseStatus(pid, status),
    executable: links.get(`${pid}/exe`) ?? "",
    workingDirectory: links.get(`${pid}/cwd`) ?? "",
    elf: elf.get(pid),
    personality: Number.parseInt(personality(pid)[0] ?? "0", 16),
    schedulingPolicies: stat(pid)
      .map(schedulingPolicy)
      .filter((policy) => policy !== 0),
    timers: timers(pid).length,
    descriptors: parseDescriptors(descriptors(pid), kinds(pid)),
    specialMappings: [...new Set(maps(pid).flatMap((line) => /^\S+ \S+ \S+ \S+ \S+ +(.*)$/.exec(line)?.[1] ?? []))],
    namespaces: new Map(namespaces(pid).flatMap(parseNamespace)),
    lockedDescriptors: locks.get(pid) ?? [],
  }));
  return markSessions(processes, first);
}

type StatusFacts = Pick<
  ProcessFacts,
  | "containerPid"
  | "parentPid"
  | "name"
  | "state"
  | "tracerPid"
  | "threads"
  | "uid"
  | "memoryBytes"
  | "hugePageBytes"
  | "seccompMode"
>;

function parseStatus(pid: number, lines: readonly string[]): StatusFacts {
  const value = (key: string) =>
    lines
      .find((line) => line.startsWith(`${key}:`))
      ?.slice(key.length + 1)
      .trim() ?? "";
  const number = (key: string) => Number.parseInt(value(key), 10) || 0;
  const bytes = (key: string) => number(key) * 1024;
  return {
    containerPid: Number(value("NSpid").split(/\s+/).at(-1) || pid),
    parentPid: number("PPid"),
    name: value("Name"),
    state: value("State").charAt(0),
    tracerPid: number("TracerPid"),
    threads: number("Threads"),
    uid: Number(value("Uid").split(/\s+/)[1] ?? 0),
    // Pages of files that are unchanged stay out of a dump.
    memoryBytes: bytes("RssAnon") + bytes("RssShmem") + bytes("VmSwap"),
    hugePageBytes: bytes("HugetlbPages"),
    seccompMode: number("Seccomp"),
  };
}

/** Field 41 of /proc/<pid>/stat (proc_pid_stat(5)), counted behind the name, which may hold anything. */
function schedulingPolicy(line: string): number {
  return Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[38] ?? 0);
}

function parseNamespace(line: string): [name: string, id: string][] {
  const [, name, id] = /\s(\w+) -> (.*)$/.exec(line) ?? [];
  return name === undefined || id === undefined ? [] : [[name, id]];
}

/** @returns by `<pid>/<exe or cwd>` */
function parseLinks(text: string): Map<string, string> {
  const links = linesOf(text).map((line) => /\s\/proc\/(\d+\/(?:exe|cwd)) -> (.*)$/.exec(line));
  return new Map(links.flatMap((match) => (match === null ? [] : [[match[1] ?? "", match[2] ?? ""]])));
}

/** @param text lines as `/proc/12/fdinfo/3:lock:	1: POSIX  ADVISORY  WRITE 12 fe:00:123 0 EOF` */
function parseLocks(text: string): Map<number, number[]> {
  const locks = new Map<number, number[]>();
  for (const [, pid, descriptor] of text.matchAll(/^\/proc\/(\d+)\/fdinfo\/(\d+):lock:/gm)) {
    locks.set(Number(pid), [...new Set([...(locks.get(Number(pid)) ?? []), Number(descriptor)])]);
  }
  return locks;
}

/** @param text lines of a process id and the first 20 bytes of its executable */
function parseElfHeaders(text: string): Map<number, ProcessFacts["elf"]> {
  return new Map(
    linesOf(text).map((line) => {
      const [pid, ...hexadecimal] = line.split(" ");
      const bytes = hexadecimal.map((byte) => Number.parseInt(byte, 16));
      const isElf = bytes.length === 20 && hexadecimal.slice(0, 4).join("") === "7f454c46";
      return [
        Number(pid),
        isElf ? { bits: bytes[4] === 2 ? 64 : 32, machine: (bytes[18] ?? 0) | ((bytes[19] ?? 0) << 8) } : undefined,
      ];
    }),
  );
}
