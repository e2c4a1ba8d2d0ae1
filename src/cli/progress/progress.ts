import type { CheckpointEvent } from "../../checkpoint/take/events.ts";
import type { MigrationEvent } from "../../migration/events.ts";

/** What moves and checkpoints tell of themselves. */
export type ProgressEvent = MigrationEvent | CheckpointEvent;

/** Shows on standard error what goes on. */
export interface Progress {
  onEvent(event: ProgressEvent): void;
  /** A line of its own. */
  say(text: string): void;
  /** Nothing more comes: takes away what was only for the moment. */
  close(): void;
}
