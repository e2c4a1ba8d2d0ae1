import { elfMachines } from "../../resume/elf/machines.ts";
import { emulatorOf } from "../execution.ts";
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

const bits = liveRule({
  name: "process.bits",
  severity: "blocker",
  why: "32-bit programs are not resumed, and Debian's CRIU is made without support for them (`criu check --feature compat_cr`).",
  remedy: "Use an image of 64-bit programs.",
  see: (live) =>
    carried(live)
      .filter(({ elf }) => elf?.bits === 32)
      .map((process) => `${called(process)} is a 32-bit program`),
});

const architecture = liveRule({
  name: "process.architecture",
  severity: "blocker",
  strategies: ["resume"],
  why: "What is resumed are programs of the machine itself: those under an emulator are the emulator's memory.",
  remedy: "Make the container from an image for the machine's architecture.",
  see: (live, { subject }) =>
    carried(live).flatMap((process) => {
      const { architecture: machine } = subject.hostFacts;
      const expected = (elfMachines as Readonly<Record<string, number>>)[machine];
      if (process.elf?.bits !== 64 || process.elf.machine === expected) return [];
      return [`${called(process)} is a program for machine type ${process.elf.machine}`];
    }),
});

const sandboxed = "Run the program without its own sandbox (for browsers `--no-sandbox`).";

/** Processes in other namespaces than the container's first. */
function differing(live: LiveFacts, kinds: readonly string[]): string[] {
  const [first, ...others] = carried(live);
  return others.flatMap((process) =>
    kinds.flatMap((name) => {
      const namespace = process.namespaces.get(name);
      // A process that ends has left its namespaces (kernel/exit.c, exit_task_namespaces).
      return namespace === undefined || namespace === first?.namespaces.get(name) ? [] : [`${called(process)}: ${name}`];
    }),
  );
}

const namespaces = liveRule({
  name: "process.namespace",
  severity: "blocker",
  why: "Namespaces that a program in the container made itself (sandboxes, containers in containers) are not carried, and CRIU can't dump them (criu/namespaces.c: nested namespaces).",
  remedy: sandboxed,
  see(live) {
    const [first] = carried(live);
    // The container itself is not in a time namespace of its own, unless it was resumed here.
    const changed =
      first === undefined || first.namespaces.get("pid_for_children") === first.namespaces.get("pid")
        ? []
        : [`${called(first)}: pid, for its children`];
    const others = differing(live, ["pid", "net", "user", "ipc", "uts", "time", "cgroup"]);
    return together("processes in namespaces of their own", [...changed, ...others]);
  },
});

const mountNamespaces = liveRule({
  name: "process.mount-namespace",
  severity: "blocker",
  strategies: ["resume"],
  why: "A view of the file systems that a program in the container made for itself is not made anew. CRIU restores it.",
  remedy: sandboxed,
  see: (live) => together("processes with mounts of their own", differing(live, ["mnt"])),
});

const SCHED_DEADLINE = 6;

const settings = liveRule({
  name: "process.settings",
  severity: "blocker",
  why: "These properties of a process are not carried.",
  remedy: "Run the program without them.",
  see: (live) =>
    carried(live).flatMap((process) => [
      // CRIU takes the hexadecimal number for a decimal one (criu/cr-dump.c): what has letters is lost.
      ...(/[a-f]/.test(process.personality.toString(16))
        ? [`${called(process)} has the personality 0x${process.personality.toString(16)}, which CRIU can't save`]
        : []),
      ...(process.schedulingPolicies.includes(SCHED_DEADLINE) ? [`${called(process)} has threads with SCHED_DEADLINE`] : []),
    ]),
});

const timers = liveRule({
  name: "process.timers",
  severity: "blocker",
  strategies: ["resume"],
  why: "The emulator numbers POSIX timers (timer_create) otherwise than Linux: the program would not find its own.",
  remedy: "Move to an x86_64 target, or let the program use timerfd or setitimer.",
  see: (live, situation) =>
    emulatorOf(situation)?.lacks.has("timer-ids") !== true
      ? []
      : carried(live)
          .filter((process) => process.timers > 0)
          .map((process) => `${called(process)} has ${process.timers} POSIX timer(s)`),
});

const strictSeccomp = liveRule({
  name: "process.seccomp",
  severity: "blocker",
  strategies: ["resume"],
  why: "Under an emulator the kernel would judge the emulator's system calls, not the program's.",
  remedy: "Move to an x86_64 target.",
  see: (live, situation) =>
    emulatorOf(situation) === undefined
      ? []
      : carried(live)
          .filter((process) => process.seccompMode === 1)
          .map((process) => `${called(process)} is in strict seccomp mode`),
});

export const processRules: readonly Rule[] = [
  execSession,
  state,
  bits,
  architecture,
  namespaces,
  mountNamespaces,
  settings,
  timers,
  strictSeccomp,
];
