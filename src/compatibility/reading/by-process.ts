import { linesOf } from "./sections.ts";

/** Lines that `grep -H` found in files of /proc, by process: `/proc/12/status:Name:\tsh` is `Name:\tsh` of 12. */
export function grepByProcess(text: string): Map<number, string[]> {
  const lines = new Map<number, string[]>();
  for (const line of linesOf(text)) {
    const [, pid, rest] = /^\/proc\/(\d+)\/[^:]*:(.*)$/s.exec(line) ?? [];
    if (pid !== undefined && rest !== undefined) push(lines, Number(pid), rest);
  }
  return lines;
}

/** What `ls -l /proc/<pid>/<directory> …` listed, by process. */
export function listedByProcess(text: string, directory: string): Map<number, string[]> {
  const lines = new Map<number, string[]>();
  let pid: number | undefined;
  for (const line of linesOf(text)) {
    const [, process, name] = /^\/proc\/(\d+)\/(\w+):$/.exec(line) ?? [];
    if (process !== undefined) pid = name === directory ? Number(process) : undefined;
    else if (pid !== undefined) push(lines, pid, line);
  }
  return lines;
}

function push(lines: Map<number, string[]>, pid: number, line: string): void {
  const of = lines.get(pid);
  if (of === undefined) lines.set(pid, [line]);
  else of.push(line);
}
