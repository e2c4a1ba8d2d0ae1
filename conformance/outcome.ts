import { MigrationError } from "../src/errors.ts";

/** What came of a program in one way. */
export type Outcome =
  | { readonly kind: "passed" }
  /** What did not hold, or did not work. */
  | { readonly kind: "failed"; readonly why: string }
  /** The compiler named what it can't carry. */
  | { readonly kind: "refused"; readonly why: string }
  /** The machine lacks what the program is about, or CRIU can't dump it. */
  | { readonly kind: "unavailable"; readonly why: string };

export const passed: Outcome = { kind: "passed" };

/** @param lines what the program has written of itself */
export function outcomeOf(lines: readonly string[]): Outcome {
  return lines.length === 0 ? passed : { kind: "failed", why: lines.join("; ") };
}

export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof MigrationError && error.code === "cannot-carry") {
    return { kind: "refused", why: error.message.replace(/^resume can't carry: /, "") };
  }
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return { kind: "failed", why: `${error instanceof Error ? error.message : String(error)}${cause}`.trim().slice(-600) };
}

/** The outcome of `work`, whose errors are outcomes too. */
export async function attempt(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    return outcomeOfError(error);
  }
}
