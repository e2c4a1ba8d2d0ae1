import type { ContainerRecord } from "./engine.ts";

/** How a container has ended, to be put after the verb: ` with status 1`. Empty where nobody keeps it, as of a bundle's (-1). */
export function exitWords({ ExitCode: status }: Pick<ContainerRecord["State"], "ExitCode">): string {
  return status < 0 ? "" : ` with status ${status}`;
}
