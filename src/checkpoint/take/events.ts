import type { MigrationError } from "../../errors.ts";

/** What is done to take a checkpoint, and then with its archive. */
export type CheckpointStep =
  | "save-image"
  | "freeze"
  | "dump"
  | "copy"
  | "thaw"
  | "write"
  | "stop"
  | "read"
  | "unpack"
  | "send"
  | "verify";

/** What work on a checkpoint tells of itself while it runs. All times are milliseconds since its begin. */
export type CheckpointEvent =
  | { readonly type: "step-started"; readonly step: CheckpointStep; readonly atMs: number; readonly title: string }
  | {
      readonly type: "step-finished";
      readonly step: CheckpointStep;
      readonly atMs: number;
      readonly durationMs: number;
      /** What came of it, for people. */
      readonly outcome?: string;
    }
  | { readonly type: "step-failed"; readonly step: CheckpointStep; readonly atMs: number; readonly error: MigrationError }
  | {
      readonly type: "bytes";
      readonly step: CheckpointStep;
      readonly atMs: number;
      readonly bytes: number;
      readonly totalBytes: number | undefined;
    };

export type CheckpointListener = (event: CheckpointEvent) => void;

/** Tells of the steps of one run. */
export class CheckpointSteps {
  readonly #begin = performance.now();
  readonly #listener: CheckpointListener;
  readonly #willRun: ((step: CheckpointStep) => Promise<void>) | undefined;

  /** @param willRun called before each step, and waited for */
  constructor(listener: CheckpointListener = () => {}, willRun?: (step: CheckpointStep) => Promise<void>) {
    this.#listener = listener;
    this.#willRun = willRun;
  }

  /** Milliseconds since the begin. */
  now(): number {
    return performance.now() - this.#begin;
  }

  /** @param work gives what came of it, for people */
  async run(step: CheckpointStep, title: string, work: () => Promise<string>): Promise<void> {
    await this.make(step, title, async () => [undefined, await work()]);
  }

  /** As `run`, of a step that makes something. @param work gives it, and what came of it, for people */
  async make<Value>(step: CheckpointStep, title: string, work: () => Promise<[made: Value, outcome: string]>): Promise<Value> {
    const began = this.now();
    this.#listener({ type: "step-started", step, atMs: began, title });
    try {
      await this.#willRun?.(step);
      const [made, outcome] = await work();
      const atMs = this.now();
      this.#listener({ type: "step-finished", step, atMs, durationMs: atMs - began, outcome });
      return made;
    } catch (error) {
      if (isMigrationError(error)) this.#listener({ type: "step-failed", step, atMs: this.now(), error });
      throw error;
    }
  }

  bytes(step: CheckpointStep, bytes: number, totalBytes: number | undefined): void {
    this.#listener({ type: "bytes", step, atMs: this.now(), bytes, totalBytes });
  }
}

function isMigrationError(error: unknown): error is MigrationError {
  return error instanceof Error && error.name === "MigrationError";
}
