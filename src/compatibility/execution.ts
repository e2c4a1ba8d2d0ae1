import type { ClockKeeper } from "../engine/resume-runtime/clocks.ts";
import type { ArchitectureName } from "../resume/architectures/architecture.ts";
import type { Emulator } from "../resume/emulators/emulator.ts";
import { oldestQemu, qemuUser } from "../resume/emulators/qemu-user.ts";
import { emulatedTarget, nativeArm64Target, nativeTarget, type ResumeTarget } from "../resume/target.ts";
import type { Situation } from "./rule.ts";
import type { Subject } from "./subject.ts";
import type { OciRuntime, TargetFacts } from "./target-facts.ts";
import { isAtLeast } from "./versions.ts";

export type Execution = ResumeTarget["execution"];

/** An emulator on a machine. */
export interface FoundEmulator {
  readonly path: string;
  readonly emulator: Emulator;
}

/** The emulator that is to be used: the one that the user names, else the one that containers would use; F lets them use it though it lies outside of them. */
export function usableEmulator({ hostFacts, emulator }: Pick<TargetFacts, "hostFacts" | "emulator">): FoundEmulator | undefined {
  if (emulator?.start !== undefined) return { path: emulator.start.path, emulator };
  const entry = hostFacts.emulators.find(
    ({ enabled, flags, version }) => enabled && flags.includes("F") && (version === undefined || isAtLeast(version, oldestQemu)),
  );
  return entry && { path: entry.interpreter, emulator: qemuUser(entry.version) };
}

/** What the programs of an image of Docker's name for an architecture are made for; undefined for what can't be resumed. */
export function programsOf({ image }: Pick<Subject, "image">): ArchitectureName | undefined {
  return image.Architecture === "amd64" ? "x86_64" : image.Architecture === "arm64" ? "aarch64" : undefined;
}

/** How programs of an architecture run on the target; undefined when they can't. */
export function targetKind(target: TargetFacts, programs: ArchitectureName | undefined): Execution | undefined {
  const { architecture } = target.hostFacts;
  if (programs === undefined) return undefined;
  if (architecture === programs) return "native";
  return architecture === "aarch64" && usableEmulator(target) !== undefined ? "emulated" : undefined;
}

/** What the programs run under on the target, or on an ARM64 one that is not named yet; undefined where they run natively or not at all. */
export function emulatorOf({ subject, target, targetArchitecture }: Situation): Emulator | undefined {
  const programs = programsOf(subject);
  if (target === undefined) return targetArchitecture === "aarch64" && programs === "x86_64" ? qemuUser(undefined) : undefined;
  return targetKind(target, programs) === "emulated" ? usableEmulator(target)?.emulator : undefined;
}

/** Features of ARM CPUs by which programs choose their code, and that the target lacks. `evtstrm` and `cpuid` tell of the kernel (Documentation/arch/arm64/elf_hwcaps.rst). */
export function armFeaturesMissing(source: readonly string[], target: readonly string[]): string[] {
  const known = new Set([...target, "evtstrm", "cpuid"]);
  return source.filter((feature) => !known.has(feature));
}

/** What the resume program is to be compiled for; undefined when the target can't run it (examine says why). */
export function chooseExecution(subject: Subject, target: TargetFacts): ResumeTarget | undefined {
  const programs = programsOf(subject);
  const kind = targetKind(target, programs);
  const [source, there] = [subject.hostFacts.cpuFlags, target.hostFacts.cpuFlags];
  if (kind !== "native") return kind === "emulated" ? emulatedTarget(usableEmulator(target)!.emulator) : undefined;
  if (programs === "aarch64") return armFeaturesMissing(source, there).length === 0 ? nativeArm64Target : undefined;
  const native = nativeTarget(new Set(source), new Set(there));
  return "missing" in native ? undefined : native;
}

/** "Allow to bind mount /proc/sys/kernel/ns_last_pid to inside container" (runc, CHANGELOG, 1.1.3), which a resumed container needs. */
export const oldestRunc = "1.1.3";

/** The OCI runtime that shall restore a dump: runc first, since crun may have been built without CRIU. */
export function chooseRestoreRuntime({ runtimes }: TargetFacts): OciRuntime | undefined {
  return runtimes.find(({ program }) => program === "runc") ?? runtimes[0];
}

/** The OCI runtime that shall start the resumed container; undefined when none can (examine says why). */
export function chooseRuntime({ runtimes }: TargetFacts): OciRuntime | undefined {
  return runtimes.find(({ program, version }) => program === "crun" || isAtLeast(version, oldestRunc));
}

/** What gives the resumed container the source's clocks; undefined when nothing can (examine says why). */
export function chooseClockKeeper(target: TargetFacts): ClockKeeper | undefined {
  if (!target.timeNamespaces) return undefined;
  if (chooseRuntime(target)?.timeNamespaces === true) return "runtime";
  return target.unshareSetsClocks ? "unshare" : undefined;
}
