import type { ThreadInfoX86 } from "../../../criu/images/schema/index.ts";
import type { ResumedThread } from "../../process.ts";

/** The registers of a thread that is known to be one of x86_64. @throws Error when it isn't */
export function stateOfX86({ tid, entry }: Pick<ResumedThread, "tid" | "entry">): ThreadInfoX86 {
  if (entry.thread_info === undefined) throw new Error(`thread ${tid} is none of x86_64`);
  return entry.thread_info;
}
