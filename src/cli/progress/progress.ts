import type { MigrationEvent } from "../../migration/events.ts";

/** Shows on standard error what goes on. */
export interface Progress {
  onEvent(event: MigrationEvent): void;
  /** A line of its own. */
  say(text: string): void;
  /** Nothing more comes: takes away what was only for the moment. */
  close(): void;
}
