import type { BinfmtEntry } from "../host/binfmt.ts";
import type { HostFacts } from "../host/facts.ts";
import { emulatedTarget, nativeTarget, type ResumeTarget } from "../resume/target.ts";
import type { Subject } from "./subject.ts";
import type { OciRuntime, TargetFacts } from "./target-facts.ts";
import { isAtLeast } from "./versions.ts";

export type Execution = ResumeTarget["execution"];

/** qemu-user has AVX and AVX2, which glibc's choices may rely on, since 7.2 (its release notes). */
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

/** The OCI runtime that shall start the resumed container; undefined when none can (examine says why). */
export function chooseRuntime({ runtimes }: TargetFacts): OciRuntime | undefined {
  return runtimes[0];
}
