import { chooseClockKeeper, chooseRuntime, oldestRunc } from "../../compatibility/execution.ts";
import { oldestUnshare, timeNamespaceSince } from "../../compatibility/reading/runtimes.ts";
import { isAtLeast } from "../../compatibility/versions.ts";
import type { Item } from "../item.ts";
import { aptInstall } from "./apt.ts";

const { crun, runc } = timeNamespaceSince;

/** The program that starts a resumed container, with the clocks that it knows. */
export const runtime: Item = {
  name: "runtime",
  title: "OCI runtime",
  examine({ target, system }) {
    const chosen = chooseRuntime(target);
    if (chosen !== undefined && !target.timeNamespaces) {
      return {
        state: "limited",
        found: `${chosen.program} ${chosen.version}; the kernel has no time namespaces`,
        remedy: "Use a kernel with CONFIG_TIME_NS there (Linux 5.6 and later): without, sleeps last for ever or end at once.",
      };
    }
    const keeper = chooseClockKeeper(target);
    if (chosen !== undefined && keeper !== undefined) {
      const by = keeper === "runtime" ? "with time namespaces" : "with time namespaces by `unshare`, of whole seconds";
      return { state: "good", found: `${chosen.program} ${chosen.version}, ${by}` };
    }
    const found =
      chosen === undefined
        ? `neither crun nor runc ${oldestRunc} or later`
        : `${chosen.program} ${chosen.version} knows no time namespaces`;
    // Debian 12's crun (1.8.1) knows no time namespaces either.
    const { crunCandidate: candidate } = system;
    return candidate !== undefined && (isAtLeast(candidate, crun) || keeper === "unshare")
      ? { state: "mendable", found, changes: ["install crun with apt"] }
      : {
          state: "blocked",
          found,
          remedy: `Install crun ${crun} or later, runc ${runc} or later, or any runc from ${oldestRunc} on and util-linux ${oldestUnshare} or later there.`,
        };
  },
  async mend(context) {
    await aptInstall(context, ["crun"]);
  },
};
