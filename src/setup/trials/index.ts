import { criuCheck } from "./criu-check.ts";
import { dumpAndRestore } from "./dump-and-restore.ts";
import { resume } from "./resume.ts";
import type { Trial } from "./trial.ts";

/** In the order in which they are tried. */
export const trials: readonly Trial[] = [criuCheck, dumpAndRestore, resume];
