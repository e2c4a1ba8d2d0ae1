import type { EventEmitter } from "node:events";

/** Tells an event's listeners, and those of all events. A listener's own fault must not fail a move, nor its rollback. */
export function tell(emitter: Pick<EventEmitter, "emit">, event: { readonly type: string }): void {
  for (const name of ["event", event.type]) {
    try {
      emitter.emit(name, event);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
}
