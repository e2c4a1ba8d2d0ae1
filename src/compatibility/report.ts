/** `blocker`: the move would fail or lose something; `warning`: it works, but the user should know; `info`: a fact. */
export type Severity = "blocker" | "warning" | "info";

/** One thing that was found, and what it means for a move. */
export interface Finding {
  /** The rule's name: `container.running`, `target.emulator`. Explained in docs/compatibility.md. */
  readonly rule: string;
  readonly severity: Severity;
  /** The machine on which it was seen. */
  readonly host: string;
  /** What was seen. */
  readonly seen: string;
  /** Why it matters. */
  readonly why: string;
  /** What the user can do. Absent for mere facts. */
  readonly remedy?: string;
}

export type Strategy = "restore" | "resume" | "replatform";

export interface Report {
  readonly findings: readonly Finding[];
  /** Whether the strategy can be tried: it has no blocker. */
  readonly verdicts: Readonly<Record<Strategy, "ready" | "blocked">>;
}
