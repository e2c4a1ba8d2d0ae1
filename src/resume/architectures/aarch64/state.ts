import type { ThreadInfoAarch64 } from "../../../criu/images/schema/index.ts";
import type { ResumedThread } from "../../process.ts";

/** The registers of a thread that is known to be one of ARM64. @throws Error when it isn't */
export function stateOfAarch64({ tid, entry }: Pick<ResumedThread, "tid" | "entry">): ThreadInfoAarch64 {
  if (entry.ti_aarch64 === undefined) throw new Error(`thread ${tid} is none of ARM64`);
  return entry.ti_aarch64;
}
