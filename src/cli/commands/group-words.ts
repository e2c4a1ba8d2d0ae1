import type { Command } from "commander";
import { Option } from "commander";
import type { GroupMembers } from "../../migration/group/group-options.ts";

/** What is to be moved, and where to. */
export interface MovedWords {
  /** As they were typed. Empty where a project of docker compose is named. */
  readonly containers: readonly string[];
  readonly composeProject: string | undefined;
  readonly target: string | undefined;
}

export function composeProjectOption(): Option {
  return new Option(
    "--compose-project <name>",
    "the running containers of this project of docker compose, instead of naming them",
  );
}

/**
 * The last word is the target, if there is more than one, or if a project takes the containers' place.
 * @param words all arguments of the command
 */
export function movedWords(command: Command, words: readonly string[], composeProject: string | undefined): MovedWords {
  if (composeProject !== undefined) {
    if (words.length > 1) command.error("error: containers can't be named together with --compose-project");
    return { containers: [], composeProject, target: words[0] };
  }
  if (words.length === 0) command.error("error: missing required argument 'container'");
  const isAlone = words.length === 1;
  return { containers: isAlone ? words : words.slice(0, -1), composeProject, target: isAlone ? undefined : words.at(-1) };
}

/** The containers as people call them. */
export function nameOf({ containers, composeProject }: Pick<MovedWords, "containers" | "composeProject">): string {
  return composeProject === undefined ? containers.join(", ") : `the compose project ${composeProject}`;
}

/** Whether they are moved together; one container by its name is moved alone. */
export function isGroup({ containers, composeProject }: Pick<MovedWords, "containers" | "composeProject">): boolean {
  return composeProject !== undefined || containers.length > 1;
}

/** As the library wants it. */
export function membersOf({ containers, composeProject }: Pick<MovedWords, "containers" | "composeProject">): GroupMembers {
  return composeProject === undefined ? { containers } : { composeProject };
}
