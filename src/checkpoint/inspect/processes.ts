import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { pageSize, taskState } from "../../criu/images/flags.ts";
import type { PstreeEntry } from "../../criu/images/schema/index.ts";
import { decodeText } from "../../criu/protobuf/text.ts";
import type { EnvironmentVariable, InspectedProcess } from "./inspection.ts";

/** Arguments and environment may be as large as the stack; nobody reads more. */
const longestText = 1 << 20;

const states: Readonly<Record<number, string>> = {
  [taskState.ALIVE]: "alive",
  [taskState.DEAD]: "dead",
  [taskState.STOPPED]: "stopped",
  [taskState.ZOMBIE]: "zombie",
};

/** @param secrets whether the environment's values are told */
export function inspectProcesses(images: CheckpointImages, secrets: boolean): InspectedProcess[] {
  return images.pstree.map((entry) => inspectProcess(images, entry, secrets));
}

function inspectProcess(images: CheckpointImages, { pid, ppid, threads }: PstreeEntry, secrets: boolean): InspectedProcess {
  const task = images.core(pid).tc;
  const memory = images.mm(pid);
  const name = task?.comm ?? "";
  const pages = images.pagemap(pid)?.runs.reduce((sum, run) => sum + run.pages, 0) ?? 0;
  const mapped = memory?.vmas.reduce((sum, { start, end }) => sum + end - start, 0n) ?? 0n;
  const workingDirectory = images.fs(pid)?.cwd_id;
  const strings = (start: bigint, end: bigint) => textsOf(images, pid, start, end);
  return {
    pid,
    parent: ppid,
    name,
    state: states[task?.task_state ?? 0] ?? "unknown",
    threads: threads.map((id) => ({ id, name: images.core(id).thread_core?.comm ?? name })),
    command: memory && strings(memory.mm_arg_start, memory.mm_arg_end),
    environment:
      memory &&
      strings(memory.mm_env_start, memory.mm_env_end)
        ?.filter((text) => text !== "")
        .map((text) => variableOf(text, secrets)),
    executable: memory && images.files.get(memory.exe_file_id)?.reg?.name,
    workingDirectory: workingDirectory === undefined ? undefined : images.files.get(workingDirectory)?.reg?.name,
    memory: { dumped: pages * pageSize, mapped: Number(mapped) },
  };
}

/** Texts that end with a zero byte each. Undefined where their pages aren't in the images. */
function textsOf(images: CheckpointImages, pid: number, start: bigint, end: bigint): string[] | undefined {
  const pagemap = images.pagemap(pid);
  if (pagemap === undefined || end <= start) return undefined;
  const length = end - start > longestText ? longestText : Number(end - start);
  const bytes = images.readPages(pagemap, start, length);
  // Programs that write their own title there leave zeros and spaces behind it.
  return (
    bytes &&
    decodeText(bytes)
      .replace(/[\0 ]+$/, "")
      .split("\0")
  );
}

/** `NAME=value`. @param secrets whether the value is told */
export function variableOf(text: string, secrets: boolean): EnvironmentVariable {
  const equals = text.indexOf("=");
  if (equals === -1) return { name: text };
  return { name: text.slice(0, equals), ...(secrets ? { value: text.slice(equals + 1) } : {}) };
}
