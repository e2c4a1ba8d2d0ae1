import type { CheckpointEvent } from "../checkpoint/take/events.ts";

/** Every event has its own name, and all are `event` too. */
export type CheckpointEvents = {
  readonly [Type in CheckpointEvent["type"]]: [event: Extract<CheckpointEvent, { type: Type }>];
} & { readonly event: [event: CheckpointEvent] };
