import type { FileEntry, FownEntry } from "../../criu/images/schema/index.ts";
import type { FileSurroundings } from "./kind.ts";
import { kindOf } from "./kinds.ts";

/** Why an open file can't be carried, for people; empty when it can. */
export function fileReasons(file: FileEntry | undefined, surroundings: FileSurroundings): string[] {
  if (file === undefined) return ["a file that the images do not hold"];
  const kind = kindOf(file);
  if (typeof kind === "string") return [kind];
  const owner = ownerOf(file);
  const signals = owner !== undefined && owner.pid !== 0 ? ["signal-driven I/O (F_SETOWN)"] : [];
  return [...signals, ...kind.refuse(file, surroundings)];
}

function ownerOf(file: FileEntry): FownEntry | undefined {
  return (file.reg ?? file.isk ?? file.pipe ?? file.efd ?? file.epfd ?? file.sgfd ?? file.tfd)?.fown;
}
