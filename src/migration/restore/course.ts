import type { Course } from "../carry-out.ts";
import { assertRuns, clean } from "../steps/commit.ts";
import { stepsFromArchive } from "../strategies/from-archive.ts";
import { each } from "../strategies/planned-step.ts";
import type { Restore } from "./restore.ts";
import type { RestoreStrategy } from "./restore-options.ts";

/** What a restore does. It has no source: nothing in it can reach the container that the archive was made of, which may still run. */
export function restoreCourse(strategy: RestoreStrategy): Course<Restore> {
  return {
    steps: stepsFromArchive(strategy),
    commit: each(commit),
    clean: each(clean),
    done: "restored",
    sides: ({ target }) => ({
      side: async (role) => {
        if (role === "source") throw new Error("a restore has no source");
        return target;
      },
      name: (role) => (role === "source" ? "local" : target.host.name),
    }),
    uncommitted: ({ options, target }) => `${options.name} on ${target.host.name} could not be looked at for the last time`,
  };
}

async function commit({ target, targetContainerId, options }: Restore): Promise<string> {
  await assertRuns(
    target,
    targetContainerId!,
    "Look at the target's load, memory and Docker, then try again: the archive is as it was.",
  );
  return `${options.name} is the container of the archive`;
}
