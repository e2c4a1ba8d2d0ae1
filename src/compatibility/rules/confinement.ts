import { every, type Rule, targetRule } from "../rule.ts";

/** Docker makes this one on every machine with AppArmor. */
const usualProfile = "docker-default";

const profile = targetRule({
  name: "target.apparmor-profile",
  severity: "blocker",
  strategies: every,
  why: "A container that is confined by an AppArmor profile can be started only where the kernel knows the profile.",
  remedy: "Load it there with `apparmor_parser`, or make the container with Docker's default profile.",
  see({ engine, appArmorProfiles }, { subject: { container } }) {
    const name = container.AppArmorProfile ?? "";
    const isOwn = !["", usualProfile, "unconfined"].includes(name);
    return isOwn && engine?.securityOptions.has("apparmor") && !appArmorProfiles.has(name)
      ? [`it does not have the container's AppArmor profile ${name}`]
      : [];
  },
});

const securityModules = ["apparmor", "selinux", "seccomp"] as const;

const confinement = targetRule({
  name: "target.confinement",
  severity: "warning",
  strategies: every,
  why: "What confines the container here does not confine it there. CRIU may refuse to restore processes that a security module confines, where there is no such module.",
  remedy:
    "Switch it on there if you rely on it (AppArmor and SELinux on the kernel's command line; seccomp in its configuration).",
  see({ engine }, { subject }) {
    if (engine === undefined) return [];
    const lost = securityModules.filter((name) => subject.engine.securityOptions.has(name) && !engine.securityOptions.has(name));
    return lost.map((name) => `its Docker confines no container with ${name}, as the source's does`);
  },
});

const cpus = targetRule({
  name: "target.cpus",
  severity: "blocker",
  strategies: every,
  why: "Docker makes no container that may use more CPUs than there are.",
  remedy: "Lower it with `docker update --cpus` before the move.",
  see({ engine }, { subject: { container } }) {
    const promised = (container.HostConfig.NanoCpus ?? 0) / 1e9;
    return engine !== undefined && promised > engine.cpus
      ? [`the container may use ${promised} CPUs, it has ${engine.cpus}`]
      : [];
  },
});

const memoryLimit = targetRule({
  name: "target.memory-limit",
  severity: "warning",
  strategies: every,
  why: "A limit beyond the machine's memory limits nothing: the container can use up all that there is.",
  remedy: "Lower it with `docker update --memory` before the move.",
  see({ hostFacts: { memoryTotal } }, { subject: { container } }) {
    const limit = container.HostConfig.Memory ?? 0;
    return limit > memoryTotal ? ["the container's memory limit is above all the memory that it has"] : [];
  },
});

/** Limits and security modules on the target. */
export const targetConfinementRules: readonly Rule[] = [profile, confinement, cpus, memoryLimit];
