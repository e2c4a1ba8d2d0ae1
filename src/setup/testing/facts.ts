import type { TargetFacts } from "../../compatibility/target-facts.ts";
import { armTarget } from "../../compatibility/testing/situations.ts";
import type { MachineFacts } from "../machine-facts.ts";
import { placesOf } from "../places.ts";
import type { SystemFacts } from "../system.ts";

const criu = { binDirectory: "/usr/sbin", program: "/usr/sbin/criu", version: "4.2.1", bundled: true, problems: [] };

const debian: SystemFacts = {
  kind: "linux",
  name: "Debian GNU/Linux 13 (trixie)",
  hasApt: true,
  crunCandidate: "1.21-1",
  init: "systemd",
  hasDockerd: true,
  podman: undefined,
  hasDockerScript: true,
  binfmt: "mounted",
  emulatorAtBoot: true,
  folders: new Map([["/var/lib/migrate-container", { mode: "700", uid: 0 }]]),
};

/** A Debian ARM64 machine that has all that is needed, with changes. */
export function machineWith(system: Partial<SystemFacts> = {}, target: Partial<TargetFacts> = {}): MachineFacts {
  const facts = { ...debian, ...system };
  return { system: facts, target: { ...armTarget(), criu, ...target }, places: placesOf(facts.kind) };
}
