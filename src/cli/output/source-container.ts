import { quoteCommand } from "../../host/quote.ts";

/** What is left of the container where it came from, and how it is removed. */
export function removeSourceLine(container: string, leaveSource: "stopped" | "removed"): string[] {
  if (leaveSource === "removed") return ["The container it was on this machine is removed."];
  return [
    "The container it was on this machine is stopped. Don't start it again: it would be a second one, in its state of its last start.",
    `Remove it when you are content: ${quoteCommand(["docker", "rm", container])}`,
  ];
}
