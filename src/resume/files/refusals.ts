import type { FileEntry } from "../../criu/images/schema/index.ts";
import type { FileSurroundings } from "./kind.ts";
import { kindOf } from "./kinds.ts";

/** Why an open file can't be carried, for people; empty when it can. */
export function fileReasons(file: FileEntry | undefined, surroundings: FileSurroundings): string[] {
  if (file === undefined) return ["a file that the images do not hold"];
  const kind = kindOf(file);
  if (typeof kind === "string") return [kind];
  return kind.refuse(file, surroundings);
}
