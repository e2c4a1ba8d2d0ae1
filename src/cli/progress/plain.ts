import { formatDuration } from "../format/duration.ts";
import type { OutputStream } from "../surroundings.ts";
import type { Progress, ProgressEvent } from "./progress.ts";
import { RunningStep } from "./running-step.ts";
import { transferText } from "./transfer-text.ts";

const bytesEveryMs = 5000;

/** Progress for logs and dumb terminals: a line when something begins or ends, and now and then while bytes flow. */
export class PlainProgress implements Progress {
  readonly #stream: OutputStream;
  #running: RunningStep | undefined;
  #bytesToldAtMs = 0;
  #failure: string | undefined;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  onEvent(event: ProgressEvent): void {
    const line = this.#lineFor(event);
    if (line !== undefined) this.say(`[${formatDuration(event.atMs)}] ${line}`);
  }

  say(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  close(): void {}

  #lineFor(event: ProgressEvent): string | undefined {
    switch (event.type) {
      case "step-started":
        this.#running = new RunningStep(event.title, event.atMs);
        this.#bytesToldAtMs = event.atMs;
        return `${event.title}: started`;
      case "bytes":
        return this.#bytesLine(event);
      case "step-finished": {
        const title = this.#running?.title ?? event.step;
        this.#running = undefined;
        return `${title}: done in ${formatDuration(event.durationMs)}${event.outcome === undefined ? "" : ` (${event.outcome})`}`;
      }
      case "step-failed": {
        const title = this.#running?.title ?? event.step;
        this.#running = undefined;
        this.#failure = event.error.message;
        return `${title}: failed: ${event.error.message}`;
      }
      case "rollback-started":
        return event.reason.message === this.#failure ? "rolling back" : `rolling back: ${event.reason.message}`;
      case "rollback-step":
        return event.error === undefined ? `undone: ${event.title}` : `not undone: ${event.title}: ${event.error.message}`;
      case "note":
        return `note: ${event.text}`;
    }
  }

  #bytesLine(event: Extract<ProgressEvent, { type: "bytes" }>): string | undefined {
    const running = this.#running;
    if (running === undefined) return undefined;
    running.record(event);
    if (event.atMs - this.#bytesToldAtMs < bytesEveryMs) return undefined;
    this.#bytesToldAtMs = event.atMs;
    return `${running.title}: ${transferText(running.meter)}`;
  }
}
