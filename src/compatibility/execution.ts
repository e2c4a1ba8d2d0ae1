import type { BinfmtEntry } from "../host/binfmt.ts";
import type { HostFacts } from "../host/facts.ts";
import { emulatedTarget, nativeTarget, type ResumeTarget } from "../resume/target.ts";
import type { Subject } from "./subject.ts";
import type { OciRuntime, TargetFacts } from "./target-facts.ts";
import { isAtLeast } from "./versions.ts";

export type Execution = ResumeTarget["execution"];

/** The oldest that resuming was tried with (7.2.22). What is compiled for an emulator relies on AVX2, which QEMU before 7.2 lacks. */
export const oldestEmulator = "7.2";

/** The emulator that containers would use; F lets them use it though it lies outside of them. */
export function usableEmulator({ emulators }: Pick<HostFacts, "emulators">): BinfmtEntry | undefined {
  return emulators.find(
    ({ enabled, flags, version }) =>
      enabled && flags.includes("F") && (version === undefined || isAtLeast(version, oldestEmulator)),
  );
}

/** How x86_64 programs run on the target; undefined when they can't. */
export function targetKind({ hostFacts }: TargetFacts): Execution | undefined {
  if (hostFacts.architecture === "x86_64") return "native";
  return hostFacts.architecture === "aarch64" && usableEmulator(hostFacts) !== undefined ? "emulated" : undefined;
}

/** What the resume program is to be compiled for; undefined when the target can't run it (examine says why). */
export function chooseExecution(subject: Subject, target: TargetFacts): ResumeTarget | undefined {
  const kind = targetKind(target);
  if (kind !== "native") return kind === "emulated" ? emulatedTarget : undefined;
  const native = nativeTarget(new Set(subject.hostFacts.cpuFlags), new Set(target.hostFacts.cpuFlags));
  return "missing" in native ? undefined : native;
}

/** "Allow to bind mount /proc/sys/kernel/ns_last_pid to inside container" (runc, CHANGELOG, 1.1.3), which a resumed container needs. */
export const oldestRunc = "1.1.3";

/** The OCI runtime that shall start the resumed container; undefined when none can (examine says why). */
export function chooseRuntime({ runtimes }: TargetFacts): OciRuntime | undefined {
  return runtimes.find(({ program, version }) => program === "crun" || isAtLeast(version, oldestRunc));
}
