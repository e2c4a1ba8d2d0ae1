import { isBundleRuntime } from "../../engine/engine-name.ts";
import { bundleRuntimePath } from "../../engine/resume-runtime/wrapper.ts";
import { chooseClockKeeper, chooseRuntime, oldestRunc } from "../execution.ts";
import { oldestUnshare, timeNamespaceSince } from "../reading/runtimes.ts";
import { every, type Rule, targetRule } from "../rule.ts";
import type { Subject } from "../subject.ts";
import type { OciRuntime, TargetFacts } from "../target-facts.ts";

const runtime = targetRule({
  name: "target.runtime",
  severity: "blocker",
  strategies: ["resume"],
  why: `The resumed container is started through crun, or runc ${oldestRunc} or later.`,
  remedy: "Install one: `apt-get install crun`.",
  see(target) {
    if (chooseRuntime(target) !== undefined) return [];
    const [old] = target.runtimes;
    return [
      old === undefined ? "it has neither runc, nor crun with cgroups of one version" : `its ${old.program} is ${old.version}`,
    ];
  },
});

const { crun, runc } = timeNamespaceSince;

const clocks = targetRule({
  name: "target.clocks",
  severity: "blocker",
  strategies: ["resume"],
  why: "The runtime, or `unshare` around it, makes the time namespace in which a resumed program finds the clocks that it knows; else sleeps last for ever or end at once.",
  remedy: `Install crun ${crun} or later (\`apt-get install crun\`), runc ${runc} or later, or util-linux ${oldestUnshare} or later.`,
  see(target, { subject }) {
    const found = chooseRuntime(target);
    if (found === undefined || !target.timeNamespaces || isSameKernel(subject, target)) return [];
    return chooseClockKeeper(target) === undefined
      ? [`${called(found)} knows no time namespaces, and there is no \`unshare\` that sets their clocks`]
      : [];
  },
});

const clocksByUnshare = targetRule({
  name: "target.clocks-by-unshare",
  severity: "info",
  strategies: ["resume"],
  why: "Its time namespaces are offset by whole seconds: the clocks go on ahead of where they stood by less than a second, never back. All that Docker does with the container works, but a runtime that is called by hand takes it for stopped.",
  see(target) {
    const found = chooseRuntime(target);
    if (found === undefined || chooseClockKeeper(target) !== "unshare") return [];
    const seen = `${called(found)} knows no time namespaces: \`unshare\` makes one around it`;
    const engine = target.engine?.engine;
    return [isBundleRuntime(engine) ? `${seen}, if it is called as ${bundleRuntimePath(engine)}` : seen];
  },
});

const called = ({ path, version }: OciRuntime): string => `${path} ${version}`;

const timeNamespaces = targetRule({
  name: "target.time-namespaces",
  severity: "blocker",
  why: "A program that waits counts on a clock that begins with its machine's start. Only in a time namespace can it go on; else sleeps last for ever or end at once.",
  remedy: "Use a kernel with CONFIG_TIME_NS there (Linux 5.6 and later).",
  see: (target, { subject }) =>
    target.timeNamespaces || isSameKernel(subject, target) ? [] : ["its kernel has no time namespaces"],
});

/** On one kernel the clocks are the same. */
function isSameKernel(subject: Subject, target: TargetFacts): boolean {
  return subject.bootId !== "" && subject.bootId === target.bootId;
}

const cgroupVersion = targetRule({
  name: "target.cgroup-version",
  severity: "info",
  strategies: every,
  why: "Below /sys/fs/cgroup a program finds other files in version 1 than in version 2. Few look there, above all those that fit themselves to a memory limit.",
  see({ engine }, { subject }) {
    const [ours, theirs] = [subject.engine.cgroupVersion, engine?.cgroupVersion];
    return theirs === undefined || ours === theirs ? [] : [`it has cgroups of version ${theirs}, the source of version ${ours}`];
  },
});

const cgroups = targetRule({
  name: "target.cgroups",
  severity: "warning",
  strategies: every,
  why: "Version 2 of cgroups does not have these limits; Docker leaves them out.",
  remedy: "Use other limits (`--memory`, `--memory-swap`, `--oom-score-adj`).",
  see({ engine }, { subject: { container } }) {
    if (engine?.cgroupVersion !== 2) return [];
    const { MemorySwappiness: swappiness, OomKillDisable: noKill } = container.HostConfig;
    const used = [
      ...(typeof swappiness === "number" && swappiness >= 0 ? ["--memory-swappiness"] : []),
      ...(noKill === true ? ["--oom-kill-disable"] : []),
    ];
    return used.map((option) => `the container was made with ${option}`);
  },
});

export const runtimeRules: readonly Rule[] = [runtime, clocks, clocksByUnshare, timeNamespaces, cgroupVersion, cgroups];
