import type { Emulator } from "../resume/emulators/emulator.ts";
import { oldestQemu, qemuUser } from "../resume/emulators/qemu-user.ts";
import { emulatedTarget, nativeTarget, type ResumeTarget } from "../resume/target.ts";
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

/** How x86_64 programs run on the target; undefined when they can't. */
export function targetKind(target: TargetFacts): Execution | undefined {
  const { architecture } = target.hostFacts;
  if (architecture === "x86_64") return "native";
  return architecture === "aarch64" && usableEmulator(target) !== undefined ? "emulated" : undefined;
}

/** What x86_64 programs run under on the target, or on an ARM64 one that is not named yet; undefined where they run natively or not at all. */
export function emulatorOf({ target, targetArchitecture }: Situation): Emulator | undefined {
  if (target === undefined) return targetArchitecture === "aarch64" ? qemuUser(undefined) : undefined;
  return targetKind(target) === "emulated" ? usableEmulator(target)?.emulator : undefined;
}

/** What the resume program is to be compiled for; undefined when the target can't run it (examine says why). */
export function chooseExecution(subject: Subject, target: TargetFacts): ResumeTarget | undefined {
  const kind = targetKind(target);
  if (kind !== "native") return kind === "emulated" ? emulatedTarget(usableEmulator(target)!.emulator) : undefined;
  const native = nativeTarget(new Set(subject.hostFacts.cpuFlags), new Set(target.hostFacts.cpuFlags));
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
