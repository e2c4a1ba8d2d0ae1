import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import { isLocal } from "../../host/local.ts";
import type { Move } from "../move.ts";

/** The folder on the source in which the dump is made: the work folder itself, or one on the other machine from which it is fetched. */
export function dumpFolder({ id, source, workDirectory }: Pick<Move, "id" | "source" | "workDirectory">): string {
  return isLocal(source.host.name) ? workDirectory : dumpFolderThere(id);
}

/** The same on a source that is another machine, by the move's id. */
export function dumpFolderThere(id: string): string {
  return `${targetPaths.dumps}/${id}`;
}
