import type { Item } from "../item.ts";

export const access: Item = {
  name: "access",
  title: "Access",
  examine({ target: { hostFacts, withoutRoot } }) {
    if (hostFacts.uid === 0) return { state: "good", found: "commands run as root" };
    const found = `commands run as user ${hostFacts.uid}`;
    if (withoutRoot === undefined) return { state: "blocked", found, remedy: "Run this as root." };
    return { state: "blocked", found: `${found} (${withoutRoot.why})`, remedy: withoutRoot.remedy };
  },
};
