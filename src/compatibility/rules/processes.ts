import type { LiveFacts, ProcessFacts } from "../live-facts.ts";
import { liveRule, type Rule } from "../rule.ts";
import { together } from "./words.ts";

/** The processes that are to be carried, zombies too: not those of exec sessions, which end with their session. */
export function carried({ processes }: LiveFacts): ProcessFacts[] {
  return processes.filter(({ execSession }) => !execSession);
}

/** `nginx (7)`, with the id that the container knows. */
export function called({ name, containerPid }: ProcessFacts): string {
  return `${name} (${containerPid})`;
}

const execSession = liveRule({
  name: "process.exec-session",
  severity: "blocker",
  why: "A `docker exec` session hangs on its client, which stays here.",
  remedy: "End the sessions (`docker top` shows them). A health check ends by itself: try again.",
  see: ({ processes }) => together("processes of `docker exec`", processes.filter((process) => process.execSession).map(called)),
});

const state = liveRule({
  name: "process.state",
  severity: "blocker",
  why: "Only processes that run or wait are carried, and nobody else may trace them.",
  remedy: "Let stopped processes go on (`kill -CONT`), detach debuggers and strace.",
  see: (live) =>
    carried(live).flatMap((process) => [
      ...(process.state === "T" ? [`${called(process)} is stopped`] : []),
      ...(process.tracerPid !== 0 ? [`${called(process)} is traced by process ${process.tracerPid}`] : []),
    ]),
});

const EM_X86_64 = 62;

const bits = liveRule({
  name: "process.architecture",
  severity: "blocker",
  why: "Only 64-bit x86 programs are resumed.",
  remedy: "Use a linux/amd64 image.",
  see: (live) =>
    carried(live).flatMap((process) => {
      if (process.elf === undefined || (process.elf.bits === 64 && process.elf.machine === EM_X86_64)) return [];
      return [`${called(process)} is a ${process.elf.bits}-bit program for machine type ${process.elf.machine}`];
    }),
});

const isolated = ["pid", "mnt", "net", "user", "ipc", "uts", "time", "cgroup"] as const;

const namespaces = liveRule({
  name: "process.namespace",
  severity: "blocker",
  why: "Namespaces that a program in the container made itself (sandboxes, containers in containers) are not carried.",
  remedy: "Run the program without its own sandbox (for browsers `--no-sandbox`).",
  see(live) {
    // A zombie has left its namespaces, and so has a process that ended while they were read.
    const [first, ...others] = carried(live).filter(({ state, namespaces }) => state !== "Z" && namespaces.size > 0);
    const differing = others.flatMap((process) =>
      isolated.flatMap((name) =>
        process.namespaces.get(name) === first?.namespaces.get(name) ? [] : [`${called(process)}: ${name}`],
      ),
    );
    // The container itself is not in a time namespace of its own, unless it was resumed here.
    const changed =
      first === undefined || first.namespaces.get("pid_for_children") === first.namespaces.get("pid")
        ? []
        : [`${called(first)}: pid, for its children`];
    return together("processes in namespaces of their own", [...changed, ...differing]);
  },
});

const chroot = liveRule({
  name: "process.root",
  severity: "blocker",
  why: "A changed root directory is not carried.",
  remedy: "Let the program run without chroot; the container has the same effect.",
  see: (live) =>
    carried(live)
      .filter(({ root }) => root !== "" && root !== "/")
      .map((process) => `${called(process)} has the root directory ${process.root}`),
});

const settings = liveRule({
  name: "process.settings",
  severity: "blocker",
  why: "These properties of a process are not carried.",
  remedy: "Run the program without them.",
  see: (live) =>
    carried(live).flatMap((process) => [
      ...(process.personality === 0 ? [] : [`${called(process)} has the personality 0x${process.personality.toString(16)}`]),
      ...(process.schedulingPolicies.length === 0
        ? []
        : [`${called(process)} has threads with a scheduling policy other than SCHED_OTHER`]),
      ...(process.timers === 0 ? [] : [`${called(process)} has ${process.timers} POSIX timer(s) (timer_create)`]),
      ...(process.seccompMode === 1 ? [`${called(process)} is in strict seccomp mode`] : []),
    ]),
});

export const processRules: readonly Rule[] = [execSession, state, bits, namespaces, chroot, settings];
