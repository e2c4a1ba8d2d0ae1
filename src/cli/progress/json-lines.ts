import { toJson } from "../format/json.ts";
import type { OutputStream } from "../surroundings.ts";
import type { Progress, ProgressEvent } from "./progress.ts";

/** Progress for programs: each event as one line of JSON, as the library gives it. */
export class JsonLinesProgress implements Progress {
  readonly #stream: OutputStream;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  onEvent(event: ProgressEvent): void {
    this.#stream.write(`${toJson(event)}\n`);
  }

  say(text: string): void {
    this.#stream.write(`${toJson({ type: "message", text })}\n`);
  }

  close(): void {}
}
