import type { Trial } from "./trial.ts";

/** What `criu check` says; it was asked when the facts were read. */
export const criuCheck: Trial = {
  name: "criu-check",
  title: "criu check",
  async run(_host, { target: { criu } }) {
    if (criu === undefined) return { state: "untried", found: "there is no CRIU" };
    if (criu.problems.length === 0) return { state: "good", found: "looks good" };
    return {
      state: "blocked",
      found: criu.problems.join("; "),
      remedy:
        "Use a newer kernel there, or one with CONFIG_CHECKPOINT_RESTORE; `setup --kernel-fragment` prints what CRIU needs.",
    };
  },
};
