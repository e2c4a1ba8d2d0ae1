import { Meter } from "./meter.ts";
import type { ProgressEvent } from "./progress.ts";

/** The step that runs, for those who show it. */
export class RunningStep {
  readonly title: string;
  readonly startedAtMs: number;
  readonly meter = new Meter();
  #hasBytes = false;

  constructor(title: string, startedAtMs: number) {
    this.title = title;
    this.startedAtMs = startedAtMs;
  }

  record(event: Extract<ProgressEvent, { type: "bytes" }>): void {
    // The step's begin is the first sample: the first chunk's time counts too.
    if (!this.#hasBytes) this.meter.record(this.startedAtMs, 0, event.totalBytes);
    this.#hasBytes = true;
    this.meter.record(event.atMs, event.bytes, event.totalBytes);
  }

  /** Whether it sends something. */
  get hasBytes(): boolean {
    return this.#hasBytes;
  }
}
