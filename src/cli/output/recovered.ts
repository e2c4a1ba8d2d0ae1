import { engineWords } from "../../engine/engine-name.ts";
import { isLocal } from "../../host/local.ts";
import { machineName } from "../../host/words.ts";
import type { RecoveredMove } from "../../migration/index.ts";
import type { Look } from "../session.ts";
import { labelled } from "./indent.ts";

/** How a recovered move stands, for people. */
export function recoveredLines(move: RecoveredMove, { style, symbols }: Look): string[] {
  const { operation, archive, container, source, sourceEngine, target, status, running, memoryLost, remains, error } = move;
  const there = machineName(target);
  const moved = running === false ? `${container} is on ${there} now, and does not run` : `${container} runs on ${there}`;
  const undone =
    operation === "restore"
      ? `nothing of the restore of ${container} is left on ${there}; ${archive} is as it was`
      : running === true
        ? `${container} runs on ${machineName(source)}`
        : `${container} is on ${machineName(source)}, and does not run`;
  const head = {
    migrated: moved,
    restored: moved,
    taken: `${container} is in ${archive}`,
    "rolled-back": undone,
    stuck: `${container} is not recovered yet`,
  }[status];
  const isDone = status !== "stuck" && remains.length === 0;
  return [
    isDone ? style.green(`${symbols.tick} ${head}`) : style.red(`${symbols.cross} ${head}`),
    ...remains.flatMap((line) => labelled("Left", line)),
    ...(error === undefined ? [] : labelled("Cause", error.message)),
    ...(error?.remedy === undefined ? [] : labelled("Remedy", error.remedy)),
    ...(memoryLost ? labelled("Note", "It was stopped or started anew meanwhile: what it had in memory is gone.") : []),
    ...(running === false && status === "rolled-back" && operation !== "restore"
      ? labelled(
          "Next",
          `${sourceEngine} ${engineWords(sourceEngine).start} ${container}${isLocal(source) ? "" : `, on ${source}`}`,
        )
      : []),
  ];
}
