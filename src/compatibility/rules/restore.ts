import { isBundleRuntime } from "../../engine/engine-name.ts";
import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import { liveRule, type Rule, type Situation, sourceRule, targetRule } from "../rule.ts";
import { instructionsMissing } from "./criu-cpu.ts";
import { listed } from "./words.ts";

const strategies = ["restore"] as const;

const isSameArchitecture = ({ subject, targetArchitecture }: Situation) => subject.hostFacts.architecture === targetArchitecture;

const architecture = sourceRule({
  name: "restore.architecture",
  severity: "blocker",
  strategies,
  why: "CRIU restores registers and machine code as they are, so only on the architecture of the dump.",
  remedy:
    "Choose a target of the source's architecture, or let the processes be resumed under an emulator (`--strategy resume`).",
  see: ({ hostFacts }, situation) =>
    isSameArchitecture(situation) ? [] : [`the source is ${hostFacts.architecture}, the target ${situation.targetArchitecture}`],
});

const emulated = sourceRule({
  name: "restore.emulated",
  severity: "blocker",
  strategies,
  why: "Its processes run in an emulator that is not among the container's files, where CRIU would look for it.",
  remedy: "Make the container from an image for the architecture of its machine.",
  see({ image: { Architecture: image }, hostFacts: { architecture: machine } }) {
    const names: Readonly<Record<string, string>> = { amd64: "x86_64", "386": "x86_64", arm64: "aarch64" };
    return (names[image] ?? image) === machine ? [] : [`the image is for ${image}, its machine is ${machine}`];
  },
});

const resumed = liveRule({
  name: "restore.resumed",
  severity: "blocker",
  strategies,
  why: "A container that was resumed has mounts of its resume, which CRIU would look for in the new one.",
  remedy: "Use `--strategy resume`, or restart the container first, which loses its memory.",
  see: ({ isResumed }) => (isResumed ? ["it was moved here by `resume`"] : []),
});

const init = sourceRule({
  name: "restore.init",
  severity: "blocker",
  strategies,
  why: "CRIU 4.2 does not mount Docker's init program, which is the machine's own file, into the container that it restores.",
  remedy: "Use `--strategy resume`.",
  see: ({ container }) => (container.HostConfig.Init === true ? ["it has Docker's init program (--init)"] : []),
});

const criu = targetRule({
  name: "restore.criu",
  severity: "blocker",
  strategies,
  why: `CRIU 4.2 or later restores the dump there. A bundle (\`migrate-container setup\`) on the source is sent to ${targetPaths.root}; a system's own can't be.`,
  remedy: "Run `migrate-container setup <target>`, or `migrate-container setup` here.",
  see({ criu: found, host }, situation) {
    const canBeSent = situation.subject.criu?.bundled === true && isSameArchitecture(situation);
    if (found !== undefined || canBeSent || !isSameArchitecture(situation)) return [];
    return [
      {
        seen: "it has no CRIU 4.2 or later that works, and the source has no bundle to send",
        remedy: `Run \`migrate-container setup ${host}\`, or \`migrate-container setup\` here.`,
      },
    ];
  },
});

const engine = targetRule({
  name: "restore.engine",
  severity: "blocker",
  strategies,
  why: "What CRIU restores has the mounts and the network that Docker gives to a container. Podman gives it others, and runc and crun name the mounts of bundles each in its way.",
  remedy: "Use `--strategy resume`, or a target with Docker.",
  see({ engine: found }, { subject }) {
    const ours = subject.engine.engine;
    if (!isBundleRuntime(ours) || !isBundleRuntime(found?.engine)) return found?.engine === "podman" ? ["it has Podman"] : [];
    if (found.engine === ours) return [];
    return [
      {
        seen: `it is ${found.engine} there, and ${ours} here`,
        remedy: `Use \`--strategy resume\`, or the same there (\`--target-engine ${ours}\`).`,
      },
    ];
  },
});

const kernel = targetRule({
  name: "restore.kernel",
  severity: "blocker",
  strategies,
  why: "CRIU needs these of the kernel. It says so itself (`criu check`).",
  remedy: "Use a newer kernel there, or one with CONFIG_CHECKPOINT_RESTORE.",
  see: ({ criu: found }) => (found?.problems.length ? [`CRIU says there: ${listed(found.problems)}`] : []),
});

const runtime = targetRule({
  name: "restore.runtime",
  severity: "blocker",
  strategies,
  why: "The restored container is started through crun or runc.",
  remedy: "Install one: `apt-get install crun`.",
  see: ({ runtimes, engine: found }) => {
    if (found?.lacksCriu === true) return [{ seen: `its ${found.engine} was built without CRIU`, remedy: "Install runc there." }];
    return runtimes.length === 0 ? ["it has neither runc nor crun"] : [];
  },
});

const pageSize = targetRule({
  name: "restore.page-size",
  severity: "blocker",
  strategies,
  why: "Memory is dumped and restored in the machine's pages.",
  remedy: "Boot a kernel with pages of the same size there.",
  see: ({ hostFacts: { pageSize: theirs } }, { subject: { hostFacts } }) =>
    theirs === hostFacts.pageSize ? [] : [`its pages have ${theirs} bytes, those of the source ${hostFacts.pageSize}`],
});

const cpuFeatures = targetRule({
  name: "restore.cpu-features",
  severity: "blocker",
  strategies,
  why: "CRIU restores only where every instruction set of the CPU that the program began on is there. Resumed programs choose anew.",
  remedy: "Choose a target with the same or a newer CPU, or `--strategy resume`.",
  see(target, situation) {
    if (!isSameArchitecture(situation)) return [];
    const missing = instructionsMissing(situation.subject.hostFacts.cpuFlags, target.hostFacts.cpuFlags);
    return missing.length === 0 ? [] : [`its CPU lacks ${listed(missing)}`];
  },
});

/** What is needed where CRIU restores: on the machine, and of its CPU. */
export const restoreRules: readonly Rule[] = [resumed, init, criu, engine, kernel, runtime];
export const restoreArchitectureRules: readonly Rule[] = [architecture, emulated, pageSize, cpuFeatures];
