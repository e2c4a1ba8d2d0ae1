import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import { parseStatus } from "../../resume/resume-directory.ts";
import type { MoveRecord } from "../journal/move-record.ts";
import type { Side } from "../move.ts";
import { findCopy } from "../objects/target-copy.ts";
import type { CopyState, SourceState } from "./decide.ts";

/** How a move's container stands on the source. */
export async function lookAtSource({ engine }: Side, { begin }: MoveRecord): Promise<SourceState> {
  const container = await engine.find(begin.containerId);
  return container?.State.Running === true && container.State.StartedAt === begin.startedAt ? "alive" : "lost";
}

/** How a move's copy stands on the target. */
export async function lookAtTarget({ engine, host }: Side, { id, begin }: MoveRecord): Promise<CopyState> {
  const copy = await findCopy(engine, id);
  if (copy === undefined) return "none";
  if (!copy.State.Running) return "idle";
  // Only a program that is rebuilt has a word to say about it.
  if (begin.strategy !== "resume") return "running";
  const status = await host.script('cat "$1/$2/status" 2>/dev/null || true', [targetPaths.resumed, copy.Id]);
  return parseStatus(status).state === "resumed" ? "running" : "unfinished";
}
