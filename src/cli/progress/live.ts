import type { Clock } from "../clock.ts";
import { formatDuration } from "../format/duration.ts";
import type { Style } from "../format/style.ts";
import type { Symbols } from "../format/symbols.ts";
import type { OutputStream } from "../surroundings.ts";
import { liveText } from "./live-text.ts";
import type { Progress, ProgressEvent } from "./progress.ts";
import { RunningStep } from "./running-step.ts";
import { transferText } from "./transfer-text.ts";

export interface LiveProgressOptions {
  readonly stream: OutputStream;
  readonly clock: Clock;
  readonly style: Style;
  readonly symbols: Symbols;
}

const redrawMs = 100;
const defaultColumns = 80;
const clearLine = "\r\x1b[K";

/** Progress for a terminal: what is done stays as lines, what runs is one line below them that changes in place. */
export class LiveProgress implements Progress {
  readonly #stream: OutputStream;
  readonly #clock: Clock;
  readonly #style: Style;
  readonly #symbols: Symbols;
  readonly #stopRedrawing: () => void;
  #running: RunningStep | undefined;
  /** By the clock: events come seldom, but time goes on. */
  #runningSince = 0;
  #failure: string | undefined;
  #frame = 0;

  constructor({ stream, clock, style, symbols }: LiveProgressOptions) {
    this.#stream = stream;
    this.#clock = clock;
    this.#style = style;
    this.#symbols = symbols;
    this.#stopRedrawing = clock.every(redrawMs, () => this.#redraw());
  }

  onEvent(event: ProgressEvent): void {
    const line = this.#lineFor(event);
    if (line !== undefined) this.say(line);
  }

  say(text: string): void {
    this.#stream.write(`${clearLine}${text}\n`);
    this.#redraw();
  }

  close(): void {
    this.#stopRedrawing();
    if (this.#end() !== undefined) this.#stream.write(clearLine);
  }

  #lineFor(event: ProgressEvent): string | undefined {
    const { tick, cross, back, bullet } = this.#symbols;
    switch (event.type) {
      case "step-started":
        this.#start(event.title, event.atMs);
        return undefined;
      case "bytes":
        this.#running?.record(event);
        return undefined;
      case "step-finished": {
        const title = this.#end() ?? event.step;
        const outcome = event.outcome === undefined ? "" : `  ${event.outcome}`;
        return `${this.#style.green(tick)} ${title}  ${this.#style.dim(formatDuration(event.durationMs) + outcome)}`;
      }
      case "step-failed": {
        const title = this.#end() ?? event.step;
        this.#failure = event.error.message;
        return `${this.#style.red(cross)} ${title}: ${event.error.message}`;
      }
      case "rollback-started":
        this.#start("Rolling back", event.atMs);
        return `${this.#style.yellow(back)} Rolling back${event.reason.message === this.#failure ? "" : `: ${event.reason.message}`}`;
      case "rollback-step":
        return event.error === undefined
          ? `${this.#style.green(tick)} Undone: ${event.title}`
          : `${this.#style.red(cross)} Not undone: ${event.title}: ${event.error.message}`;
      case "note":
        return `${this.#style.cyan(bullet)} ${event.text}`;
    }
  }

  #start(title: string, atMs: number): void {
    this.#running = new RunningStep(title, atMs);
    this.#runningSince = this.#clock.now();
    this.#redraw();
  }

  #end(): string | undefined {
    const title = this.#running?.title;
    this.#running = undefined;
    return title;
  }

  #redraw(): void {
    const running = this.#running;
    if (running === undefined) return;
    const { spinner } = this.#symbols;
    const sign = spinner[this.#frame++ % spinner.length] ?? "";
    // The last column stays free: some terminals go to the next line when it is filled. 2: the sign and a space.
    const room = Math.max(0, (this.#stream.columns || defaultColumns) - 1 - 2);
    const state = running.hasBytes
      ? transferText(running.meter)
      : formatDuration(Math.max(0, this.#clock.now() - this.#runningSince));
    this.#stream.write(`${clearLine}${this.#style.cyan(sign)} ${liveText(running, state, room, this.#symbols)}`);
  }
}
