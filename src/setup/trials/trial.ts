import type { Host } from "../../host/host.ts";
import type { MachineFacts } from "../machine-facts.ts";

/**
 * How a trial ended. `untried`: something that it needs is missing on the machine, as the items say, or here.
 */
export type TrialOutcome =
  | { readonly state: "good"; readonly found: string }
  | { readonly state: "blocked"; readonly found: string; readonly remedy: string }
  | { readonly state: "untried"; readonly found: string };

/** Something that is really done on a machine, and of which nothing stays. */
export interface Trial {
  readonly name: string;
  readonly title: string;
  /** Undefined where a machine like this does not need it. @throws MigrationError `target-unreachable`, `cancelled` */
  run(host: Host, facts: MachineFacts, options: TrialOptions): Promise<TrialOutcome | undefined>;
}

export interface TrialOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (text: string) => void;
}
