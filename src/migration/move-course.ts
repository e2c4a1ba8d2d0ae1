import type { Strategy } from "../compatibility/strategy.ts";
import type { Course } from "./carry-out.ts";
import { containerName, type Move } from "./move.ts";
import { clean, commit } from "./steps/commit.ts";
import { each } from "./strategies/planned-step.ts";
import { stepsOf } from "./strategies/steps.ts";

/** What a move does: the container is made on the target, then the source's is ended. */
export function moveCourse(strategy: Strategy): Course<Move> {
  return {
    steps: stepsOf(strategy),
    commit,
    clean: each(clean),
    done: "migrated",
    sides: (move) => ({ side: async (role) => move[role], name: (role) => move[role].host.name }),
    uncommitted: (move) => `${containerName(move)} on the source could not be ended and stays frozen`,
  };
}
