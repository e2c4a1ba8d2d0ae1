import { emulatorOf } from "../execution.ts";
import type { DescriptorFacts, LiveFacts, ProcessFacts } from "../live-facts.ts";
import { liveRule, type Rule } from "../rule.ts";
import { called, carried } from "./processes.ts";
import { together } from "./words.ts";

interface Held extends DescriptorFacts {
  readonly process: ProcessFacts;
}

function held(live: LiveFacts): Held[] {
  return carried(live).flatMap((process) => process.descriptors.map((descriptor) => ({ ...descriptor, process })));
}

const named = ({ process, number, target }: Held) => `${target}, descriptor ${number} of ${called(process)}`;

function rule(name: string, why: string, remedy: string, seen: string, applies: (descriptor: DescriptorFacts) => boolean): Rule {
  return liveRule({
    name,
    severity: "blocker",
    why,
    remedy,
    see: (live) => together(seen, held(live).filter(applies).map(named)),
  });
}

/** Pseudo terminals and the container's own: not those of the machine, such as /dev/tty1 and /dev/ttyS0. */
const isCarriedTerminal = ({ target }: DescriptorFacts) =>
  /^\/dev\/(pts\/\d+|ptmx|pts\/ptmx|tty|console)( \(deleted\))?$/.test(target);
/** Without a state of their own, and in every container. */
export const everywhere = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
/** What is made anew with all that is in it. */
const carriedObjects = /^(anon_inode:\[(eventpoll|eventfd|signalfd|timerfd|pidfd)\]|pidfd:\[\d+\])$/;
const isWatch = ({ target }: DescriptorFacts) => /^anon_inode:\[?(inotify|fanotify)\]?$/.test(target);

const watches = liveRule({
  name: "descriptor.file-watch",
  severity: "warning",
  why: "Watches of files (inotify, fanotify) are made anew. What they have seen and not yet told is forgotten.",
  remedy: "Move while nobody changes the files that are watched, if the program relies on it.",
  see: (live) => together("file watches", held(live).filter(isWatch).map(named)),
});

const emulatedWatches = liveRule({
  name: "descriptor.fanotify",
  severity: "blocker",
  strategies: ["resume"],
  why: "The emulator does not have fanotify. It has inotify.",
  remedy: "Switch watching of files by fanotify off in the program's configuration, or choose an x86_64 target.",
  see(live, situation) {
    if (emulatorOf(situation) === undefined) return [];
    return together(
      "file watches",
      held(live)
        .filter(({ target: name }) => name.includes("fanotify"))
        .map(named),
    );
  },
});

/** What `/proc/<pid>/ns/net` is, opened. */
const isNamespace = ({ target }: DescriptorFacts) => /^\w+:\[\d+\]$/.test(target);

const namespaces = liveRule({
  name: "descriptor.namespace",
  severity: "blocker",
  strategies: ["resume"],
  why: "An open namespace (/proc/<pid>/ns/…) is not opened anew. CRIU restores it.",
  remedy: "Let the program close it.",
  see: (live) =>
    together(
      "open namespaces",
      held(live)
        .filter((descriptor) => isObject(descriptor) && isNamespace(descriptor))
        .map(named),
    ),
});

/** Something of the kernel's without a name in a file system, that is not made anew with all that is in it. */
const isObject = (descriptor: DescriptorFacts) =>
  descriptor.kind === "other" &&
  !descriptor.target.startsWith("/") &&
  !carriedObjects.test(descriptor.target) &&
  !isWatch(descriptor) &&
  descriptor.target !== "anon_inode:[io_uring]";

const kernelObjects = rule(
  "descriptor.kernel-object",
  "Of the kernel's objects without a name only epoll, event, signal, timer and process descriptors are made anew, and CRIU can dump few more.",
  "Switch the feature off that uses them (tracing, BPF, user-mode page faults).",
  "open objects of the kernel",
  (descriptor) => isObject(descriptor) && !isNamespace(descriptor),
);

const devices = rule(
  "descriptor.device",
  `A device has a state of its own that is not carried. Without one are ${everywhere.join(", ")}; of terminals, pseudo terminals and the container's own are carried.`,
  "Run the program without that device.",
  "open devices",
  (descriptor) =>
    (descriptor.kind === "character-device" || descriptor.kind === "block-device") &&
    !everywhere.includes(descriptor.target) &&
    !isCarriedTerminal(descriptor),
);

const locks = liveRule({
  name: "descriptor.file-lock",
  severity: "blocker",
  why: "CRIU forgets a lock (fcntl) that a process took through a descriptor that it has from its parent: another process could take it.",
  remedy: "Let the process open the file itself before it locks it.",
  see: (live) =>
    together(
      "locked files",
      held(live)
        .filter(({ process, number }) => process.lockedDescriptors.includes(number))
        .filter((descriptor) => isInherited(live, descriptor))
        .map(named),
    ),
});

/** Whether the descriptor looks as if it came from an ancestor: it has the same number and names the same file there. */
function isInherited({ processes }: LiveFacts, { process, number, target }: Held): boolean {
  const parent = processes.find(({ pid }) => pid === process.parentPid);
  return parent?.descriptors.some((other) => other.number === number && other.target === target) ?? false;
}

export const descriptorRules: readonly Rule[] = [watches, emulatedWatches, namespaces, kernelObjects, devices, locks];
