import type { EngineName } from "../../engine/engine-name.ts";
import { isLocal } from "../../host/local.ts";
import { quoteCommand } from "../../host/quote.ts";
import { machineName } from "../format/machine.ts";

/** What is left of the container where it came from, and how it is removed. @param source its machine */
export function removeSourceLine(
  container: string,
  leaveSource: "stopped" | "removed",
  { source, sourceEngine }: { readonly source: string; readonly sourceEngine: EngineName },
): string[] {
  const was = `The container it was on ${machineName(source)}`;
  if (leaveSource === "removed") return [`${was} is removed.`];
  return [
    `${was} is stopped. Don't start it again: it would be a second one, in its state of its last start.`,
    `Remove it ${isLocal(source) ? "" : "there "}when you are content: ${quoteCommand([sourceEngine, "rm", container])}`,
  ];
}
