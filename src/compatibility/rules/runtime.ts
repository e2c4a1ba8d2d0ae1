import { chooseRuntime, oldestRunc } from "../execution.ts";
import { timeNamespaceSince } from "../reading/runtimes.ts";
import { type Rule, targetRule } from "../rule.ts";

const runtime = targetRule({
  name: "target.runtime",
  severity: "blocker",
  why: `The resumed container is started through crun, or runc ${oldestRunc} or later.`,
  remedy: "Install one: `apt-get install crun`.",
  see(target) {
    if (chooseRuntime(target) !== undefined) return [];
    const [old] = target.runtimes;
    return [old === undefined ? "it has neither runc nor crun" : `its ${old.program} is ${old.version}`];
  },
});

const { crun, runc } = timeNamespaceSince;

const clocks = targetRule({
  name: "target.clocks",
  severity: "blocker",
  why: "A program that waits counts on a clock that begins with its machine's start. Only in a time namespace can it go on; else sleeps last for ever or end at once.",
  remedy: `Install crun ${crun} or later (\`apt-get install crun\`) or runc ${runc} or later.`,
  see(target, { subject }) {
    const found = chooseRuntime(target);
    // On one kernel the clocks are the same.
    if (found === undefined || (subject.bootId !== "" && subject.bootId === target.bootId)) return [];
    if (!target.timeNamespaces)
      return [
        { seen: "its kernel has no time namespaces", remedy: "Use a kernel with CONFIG_TIME_NS there (Linux 5.6 and later)." },
      ];
    return found.timeNamespaces ? [] : [`${found.path} ${found.version} knows no time namespaces`];
  },
});

const cgroups = targetRule({
  name: "target.cgroups",
  severity: "warning",
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

export const runtimeRules: readonly Rule[] = [runtime, clocks, cgroups];
