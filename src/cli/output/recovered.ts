import type { RecoveredMove } from "../../migration/index.ts";
import { machineName } from "../format/machine.ts";
import type { Look } from "../session.ts";
import { labelled } from "./indent.ts";

/** How a recovered move stands, for people. */
export function recoveredLines(move: RecoveredMove, { style, symbols }: Look): string[] {
  const { container, target, status, running, memoryLost, remains, error } = move;
  const there = machineName(target);
  const head = {
    migrated: running === false ? `${container} is on ${there} now, and does not run` : `${container} runs on ${there}`,
    "rolled-back": running === true ? `${container} runs on this machine` : `${container} is this machine's, and does not run`,
    stuck: `${container} is not recovered yet`,
  }[status];
  const isDone = status !== "stuck" && remains.length === 0;
  return [
    isDone ? style.green(`${symbols.tick} ${head}`) : style.red(`${symbols.cross} ${head}`),
    ...remains.flatMap((line) => labelled("Left", line)),
    ...(error === undefined ? [] : labelled("Cause", error.message)),
    ...(error?.remedy === undefined ? [] : labelled("Remedy", error.remedy)),
    ...(memoryLost ? labelled("Note", "It was stopped or started anew meanwhile: what it had in memory is gone.") : []),
    ...(running === false && status === "rolled-back" ? labelled("Next", `docker start ${container}`) : []),
  ];
}
