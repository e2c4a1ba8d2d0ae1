import type { Item } from "../item.ts";
import { aptInstall } from "./apt.ts";

/** The Debian packages of what a move needs there. */
const packages: Readonly<Record<string, string>> = { "GNU tar": "tar", sha256sum: "coreutils", sed: "sed" };

export const tools: Item = {
  name: "tools",
  title: "Tools",
  examine({ target: { missingTools }, system }) {
    if (missingTools.length === 0) return { state: "good", found: Object.keys(packages).join(", ") };
    const found = `there is no ${missingTools.join(", no ")}`;
    const names = missingTools.map((tool) => packages[tool] ?? tool);
    return system.hasApt
      ? { state: "mendable", found, changes: [`install ${names.join(", ")} with apt`] }
      : { state: "blocked", found, remedy: "Install them there." };
  },
  async mend(context) {
    await aptInstall(
      context,
      context.facts.target.missingTools.map((tool) => packages[tool] ?? tool),
    );
  },
};
