import type { Clock } from "../clock.ts";
import type { OutputStream } from "../surroundings.ts";

/** Keeps what is written; a terminal's screen can be read off it. */
export class FakeStream implements OutputStream {
  readonly isTTY: boolean;
  columns: number;
  text = "";

  constructor({ isTTY = false, columns = 80 }: { isTTY?: boolean; columns?: number } = {}) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** What a terminal shows in the end: its lines, the last of which is the cursor's. */
  get screen(): string[] {
    return this.text.split("\n").map((line) => line.split("\r\x1b[K").at(-1) ?? "");
  }
}

/** Time that passes only when told to. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ every: number; next: number; action: () => void }>();

  now(): number {
    return this.#now;
  }

  every(milliseconds: number, action: () => void): () => void {
    const timer = { every: milliseconds, next: this.#now + milliseconds, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(({ next }) => next <= end).sort((a, b) => a.next - b.next)[0];
      if (due === undefined) break;
      this.#now = due.next;
      due.next += due.every;
      due.action();
    }
    this.#now = end;
  }

  get timers(): number {
    return this.#timers.size;
  }
}
