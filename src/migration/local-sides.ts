import type { Side } from "./move.ts";
import type { Sides } from "./rollback.ts";

/** The sides of what has no target: a checkpoint. */
export function localSides(local: Side): Sides {
  return {
    side: async (role) => {
      if (role === "target") throw new Error("a checkpoint has no target");
      return local;
    },
    name: () => "local",
  };
}
