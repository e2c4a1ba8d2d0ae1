import type { Item } from "../item.ts";

export const access: Item = {
  name: "access",
  title: "Access",
  examine({ target: { hostFacts, host } }) {
    if (hostFacts.uid === 0) return { state: "good", found: "commands run as root" };
    return {
      state: "blocked",
      found: `commands run as user ${hostFacts.uid}`,
      remedy: host === "local" ? "Run this as root." : "Connect as root: `ssh://root@…`.",
    };
  },
};
