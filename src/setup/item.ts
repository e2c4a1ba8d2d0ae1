import type { Host } from "../host/host.ts";
import type { MachineFacts } from "./machine-facts.ts";

/**
 * `good`: as it has to be; `limited`: works, but not in every way; `mendable`: `setup` can put it right; `blocked`: the user has to,
 * as the remedy says.
 */
export type ItemState = "good" | "limited" | "mendable" | "blocked";

/** How one thing stands on a machine. */
export type Examination =
  | { readonly state: "good"; readonly found: string }
  | { readonly state: "limited" | "blocked"; readonly found: string; readonly remedy: string }
  | {
      readonly state: "mendable";
      readonly found: string /** What will be done, as sentences without a subject. */;
      readonly changes: readonly string[];
    };

/** What mending works with. */
export interface MendContext {
  readonly host: Host;
  readonly facts: MachineFacts;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (text: string) => void;
}

/** One thing that a machine needs. */
export interface Item {
  /** For programs: `emulator-at-boot`. */
  readonly name: string;
  /** For people, a few words. */
  readonly title: string;
  /** Judges by the facts alone. Undefined where a machine like this does not need it. */
  examine(facts: MachineFacts): Examination | undefined;
  /** Puts right what is `mendable`. @throws MigrationError */
  mend?(context: MendContext): Promise<void>;
}
