import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ErrorCode } from "../../errors.ts";

export interface CompileRequest {
  readonly directory: string;
  readonly target: "same" | "fewer" | "emulated";
}

export interface CompileAnswer {
  /** Of a `MigrationError`. */
  readonly code?: ErrorCode | undefined;
  /** Of an error; of one that is no `MigrationError` with its stack. */
  readonly message?: string;
  /** Size of the program, if it was made. */
  readonly elfBytes?: number;
  /** The most memory that the process has had. */
  readonly peakBytes: number;
}

/** Ordinary compiles of the tests' dumps take a hundredth of it. */
const deadlineMs = 10_000;
const largestHeapMebibytes = 512;

/** Compiles image folders in a process of its own. */
export class ApartCompiler implements AsyncDisposable {
  #child: ChildProcess | undefined;

  /** @throws Error when the process does not answer in time, or dies */
  async compile(request: CompileRequest): Promise<CompileAnswer> {
    this.#child ??= fork(fileURLToPath(new URL("compile-child.ts", import.meta.url)), {
      execArgv: [`--max-old-space-size=${largestHeapMebibytes}`],
    });
    const child = this.#child;
    const deadline = AbortSignal.timeout(deadlineMs);
    const answered = new AbortController();
    const signal = AbortSignal.any([deadline, answered.signal]);
    const death = once(child, "exit", { signal }).then(([code, name]): never => {
      throw new Error(`the compiler's process died (${code ?? name})`);
    });
    child.send(request);
    try {
      const [answer] = (await Promise.race([once(child, "message", { signal }), death])) as [CompileAnswer];
      return answer;
    } catch (cause) {
      await this[Symbol.asyncDispose]();
      throw deadline.aborted ? new Error(`compiling took more than ${deadlineMs} ms`, { cause }) : cause;
    } finally {
      death.catch(() => {});
      answered.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}
