import { type EngineName, engineWords } from "../../engine/engine-name.ts";
import { isLocal } from "../../host/local.ts";
import { quoteCommand } from "../../host/quote.ts";
import { machineName } from "../../host/words.ts";

/** What is left of the containers where they came from, and how they are removed. @param source their machine and engine */
export function removeSourceLine(
  containers: readonly string[],
  leaveSource: "stopped" | "removed",
  { source, sourceEngine }: { readonly source: string; readonly sourceEngine: EngineName },
): string[] {
  const there = isLocal(source) ? "" : "there ";
  const remove = `when you are content: ${quoteCommand([sourceEngine, engineWords(sourceEngine).remove, ...containers])}`;
  if (containers.length > 1) {
    const were = `The containers they were on ${machineName(source)}`;
    if (leaveSource === "removed") return [`${were} are removed.`];
    return [
      `${were} are stopped. Don't start them again: they would be second ones, in their state of their last start.`,
      `Remove them ${there}${remove}`,
    ];
  }
  const was = `The container it was on ${machineName(source)}`;
  if (leaveSource === "removed") return [`${was} is removed.`];
  return [
    `${was} is stopped. Don't start it again: it would be a second one, in its state of its last start.`,
    `Remove it ${there}${remove}`,
  ];
}
