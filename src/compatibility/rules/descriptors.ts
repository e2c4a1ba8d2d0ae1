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
const everywhere = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
/** What is made anew with all that is in it. */
const carriedObjects = ["[eventpoll]", "[eventfd]", "[signalfd]", "[timerfd]"].map((name) => `anon_inode:${name}`);
const isWatch = ({ target }: DescriptorFacts) => /^anon_inode:\[?(inotify|fanotify)\]?$/.test(target);

const watches = rule(
  "descriptor.file-watch",
  "Watches of files (inotify, fanotify) and what they have seen and not yet told are not carried yet.",
  "Switch watching for changes of files off in the program's configuration.",
  "file watches",
  isWatch,
);

const kernelObjects = rule(
  "descriptor.kernel-object",
  "Of the kernel's objects without a name only epoll, event, signal and timer descriptors are made anew.",
  "Switch the feature off that uses them (process descriptors, tracing, BPF, user-mode page faults, namespaces).",
  "open objects of the kernel",
  (descriptor) =>
    descriptor.kind === "other" &&
    !descriptor.target.startsWith("/") &&
    !carriedObjects.includes(descriptor.target) &&
    !isWatch(descriptor) &&
    descriptor.target !== "anon_inode:[io_uring]",
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
  why: "File locks (flock, fcntl) are not carried yet: another process could take them.",
  remedy: "Let the program run without lock files.",
  see: (live) =>
    together(
      "locked files",
      held(live)
        .filter(({ process, number }) => process.lockedDescriptors.includes(number))
        .map(named),
    ),
});

export const descriptorRules: readonly Rule[] = [watches, kernelObjects, devices, locks];
