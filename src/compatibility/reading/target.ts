import type { TargetFacts, UsedPort } from "../target-facts.ts";
import { parseAddresses } from "./addresses.ts";
import { parseRuntimes } from "./runtimes.ts";
import { linesOf, splitSections } from "./sections.ts";
import { parseSocketTables } from "./sockets.ts";

type Read = Pick<
  TargetFacts,
  | "usedPorts"
  | "addresses"
  | "runtimes"
  | "timeNamespaces"
  | "unshareSetsClocks"
  | "missingTools"
  | "readOnlyFolder"
  | "appArmorProfiles"
  | "bootId"
>;

/** @param text what the target script printed */
export function parseTarget(text: string, marker: string): Read {
  const section = splitSections(text, marker);
  const tools = linesOf(section("tools"));
  const has = (tool: string) => tools.some((line) => line.endsWith(`/${tool}`));
  const sockets = parseSocketTables(section("net"));
  return {
    usedPorts: [...sockets.values()].flatMap(({ kind, state, local }): UsedPort[] => {
      if (local === undefined || local.port === 0) return [];
      if (kind === "udp") return [{ ...local, protocol: kind }];
      return kind === "tcp" && state === "listening" ? [{ ...local, protocol: kind }] : [];
    }),
    addresses: parseAddresses(section("addresses"), section("addresses6")),
    runtimes: parseRuntimes(section("runtimes")),
    timeNamespaces: section("time-namespace").trim() === "yes",
    unshareSetsClocks: /^monotonic +1 +0\nboottime +1 +0$/m.test(section("unshare")),
    missingTools: [
      ...(tools.some((line) => line.includes("GNU tar")) ? [] : ["GNU tar"]),
      ...["sha256sum", "sed"].filter((tool) => !has(tool)),
    ],
    readOnlyFolder: section("read-only").trim() || undefined,
    // `docker-default (enforce)`
    appArmorProfiles: new Set(linesOf(section("apparmor")).map((line) => line.replace(/ \(\w+\)$/, ""))),
    bootId: section("boot").trim(),
  };
}
