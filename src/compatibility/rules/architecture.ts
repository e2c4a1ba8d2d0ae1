import { oldestQemu } from "../../resume/emulators/qemu-user.ts";
import { nativeTarget } from "../../resume/target.ts";
import { armFeaturesMissing, programsOf, usableEmulator } from "../execution.ts";
import { type Rule, type Situation, targetRule } from "../rule.ts";
import type { TargetFacts } from "../target-facts.ts";
import { listed } from "./words.ts";

/** Whether x86_64 programs go to an ARM64 machine. */
const isEmulated = ({ hostFacts }: TargetFacts, { subject }: Situation) =>
  hostFacts.architecture === "aarch64" && programsOf(subject) === "x86_64";

const architecture = targetRule({
  name: "target.architecture",
  severity: "blocker",
  strategies: ["resume", "replatform"],
  why: "Programs are resumed on ARM64 and x86_64 machines; images are looked for for these two.",
  remedy: "Choose another target.",
  see: ({ hostFacts: { architecture: found } }) => (found === "aarch64" || found === "x86_64" ? [] : [`it is ${found}`]),
});

const armOnX86 = targetRule({
  name: "target.arm-programs",
  severity: "blocker",
  strategies: ["resume"],
  why: "ARM64 programs have addresses of 48 bits and can't be moved within them; programs of x86_64 have 47, so no emulator of programs there could give them their places.",
  remedy: "Choose an ARM64 target, or let it start anew with `--strategy replatform`.",
  see: ({ hostFacts: { architecture: found } }, { subject }) =>
    found === "x86_64" && programsOf(subject) === "aarch64" ? ["it is x86_64, the programs are made for ARM64"] : [],
});

const installation =
  "Install QEMU's user-mode emulator: `apt-get install qemu-user-static` (Debian 13: `qemu-user-binfmt`), or `docker run --privileged --rm tonistiigi/binfmt --install amd64`.";

const emulator = targetRule({
  name: "target.emulator",
  severity: "blocker",
  strategies: ["resume"],
  why: `An ARM64 machine runs x86_64 programs through a user-mode emulator in binfmt_misc; the flag F lets containers use it. QEMU before ${oldestQemu} lacks AVX.`,
  remedy: installation,
  see(target, situation) {
    if (!isEmulated(target, situation) || usableEmulator(target) !== undefined) return [];
    const { emulators } = target.hostFacts;
    if (emulators.length === 0) return ["it has no emulator for x86_64 programs"];
    return emulators.map(({ interpreter, enabled, flags, version }) => {
      if (!enabled)
        return {
          seen: `its emulator ${interpreter} is switched off`,
          remedy: "Switch it on: `echo 1 >/proc/sys/fs/binfmt_misc/status`, and the same for its entry there.",
        };
      if (!flags.includes("F"))
        return {
          seen: `its emulator ${interpreter} can't be used by containers (flags: ${flags || "none"})`,
          remedy: `Register it with the flag F. ${installation}`,
        };
      return `its emulator ${interpreter} is version ${version}`;
    });
  },
});

const emulatorKind = targetRule({
  name: "target.emulator-kind",
  severity: "warning",
  strategies: ["resume"],
  why: "Resuming has been tried with QEMU 7.2 and later only.",
  remedy: "If it fails, the container goes on here; install QEMU's emulator then.",
  see(target, situation) {
    const found = isEmulated(target, situation) ? usableEmulator(target) : undefined;
    if (found === undefined) return [];
    const { path, emulator } = found;
    const { version } = emulator;
    if (/qemu/.test(path) && version !== undefined) return [];
    return [`its emulator is ${path}, ${version === undefined ? "which tells no version" : `version ${version}`}`];
  },
});

const pageSize = targetRule({
  name: "target.page-size",
  severity: "blocker",
  strategies: ["resume"],
  why: "The programs map memory in pages of 4096 bytes.",
  remedy: "Boot a kernel with 4 KiB pages there (on Raspberry Pi 5: `kernel=kernel8.img` in config.txt).",
  see: ({ hostFacts }) => (hostFacts.pageSize === 4096 ? [] : [`its pages have ${hostFacts.pageSize} bytes`]),
});

/** What can be done where x86_64 addresses don't exist. docs/android-kernel.md has the reasons. */
export const narrowAddressRemedy =
  "Boot a kernel with CONFIG_ARM64_VA_BITS_48 there (`migrate-container setup --kernel-fragment` prints what to build in); or run a virtual machine there, whose emulator has page tables of its own (qemu-system), and name that as the target; or let it start anew, natively, with `--strategy replatform`. Emulators of programs (qemu-user, box64, FEX) can't help: they map the program's addresses as they are.";

const addressSpace = targetRule({
  name: "target.address-space",
  severity: "blocker",
  strategies: ["resume"],
  why: "The program's addresses (47 bits on x86_64) can't be changed. Many ARM64 kernels, Android's above all, give programs 39 bits.",
  remedy: narrowAddressRemedy,
  see({ hostFacts: { architecture: theirs, holdsX86Addresses, addressBits } }, { subject }) {
    // ARM64 programs need what they began with; that x86_64 has less is another rule's affair.
    const isArm = programsOf(subject) === "aarch64";
    if (isArm ? theirs !== "aarch64" || addressBits >= subject.hostFacts.addressBits : holdsX86Addresses) return [];
    return [
      addressBits === 0 ? "the size of its address space can't be read" : `programs there have addresses of ${addressBits} bits`,
    ];
  },
});

const cpuFeatures = targetRule({
  name: "target.cpu-features",
  severity: "blocker",
  strategies: ["resume"],
  why: "The program has chosen its code by the CPU that it began on.",
  remedy: "Choose a target with a newer CPU, or an ARM64 one with an emulator that has them.",
  see({ hostFacts }, { subject }) {
    const programs = programsOf(subject);
    if (hostFacts.architecture !== programs) return [];
    const [source, there] = [subject.hostFacts.cpuFlags, hostFacts.cpuFlags];
    const native = nativeTarget(new Set(source), new Set(there));
    const missing = programs === "aarch64" ? armFeaturesMissing(source, there) : "missing" in native ? native.missing : [];
    return missing.length === 0 ? [] : [`its CPU lacks ${listed(missing)}`];
  },
});

const speed = targetRule({
  name: "target.speed",
  severity: "info",
  strategies: ["resume"],
  why: "Programs run several times slower under an emulator than natively.",
  see(target, situation) {
    const found = isEmulated(target, situation) ? usableEmulator(target) : undefined;
    if (found === undefined) return [];
    const { path, emulator } = found;
    return [`the program will run under ${path}${emulator.version === undefined ? "" : ` ${emulator.version}`}`];
  },
});

export const architectureRules: readonly Rule[] = [
  architecture,
  armOnX86,
  emulator,
  emulatorKind,
  pageSize,
  addressSpace,
  cpuFeatures,
  speed,
];
