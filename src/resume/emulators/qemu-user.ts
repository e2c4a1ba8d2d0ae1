import type { Gap } from "../target.ts";
import type { Emulator, EmulatorStart } from "./emulator.ts";

/** What releases of qemu-user lack; without `until` the newest that was tried (10.0) lacks it, too. */
const gaps: readonly { readonly gap: Gap; readonly until?: readonly [number, number] }[] = [
  { gap: "advice-for-forks" },
  { gap: "robust-futexes" },
  { gap: "timer-ids" },
  { gap: "memory-limits" },
  { gap: "subreapers" },
];

/** The oldest that resuming was tried with (7.2.22). What is compiled for an emulator relies on AVX2, which QEMU before 7.2 lacks. */
export const oldestQemu = "7.2";

/** @param version what it says of itself; of one that says nothing the worst is assumed */
export function qemuUser(version: string | undefined, start?: EmulatorStart): Emulator {
  const [major, minor] = (version ?? oldestQemu).split(".").map(Number) as [number, number];
  const isBefore = ([untilMajor, untilMinor]: readonly [number, number]): boolean =>
    major < untilMajor || (major === untilMajor && minor < untilMinor);
  const lacks = gaps.filter(({ until }) => until === undefined || isBefore(until)).map(({ gap }) => gap);
  return { name: "qemu-user", version, lacks: new Set(lacks), start };
}
