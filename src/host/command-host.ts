import type { Socket } from "node:net";
import { constants } from "node:os";
import { PassThrough, Readable } from "node:stream";
import type { MigrationError } from "../errors.ts";
import { type Child, endGroup, type Launch, type Outcome, startChild } from "./child.ts";
import { commandFailed, commandTimedOut, endedByCancel, inputFailed, notStarted } from "./command-errors.ts";
import type { CommandResult, Host, RunOptions, WithoutRoot } from "./host.ts";

/**
 * A machine on which commands are run by starting a program here: the command itself, or
 * a client such as `ssh` that carries it. Subclasses say what to start and how to read its end.
 */
export abstract class CommandHost implements Host {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** What to start here for `command`. `mark` names this call among all of them. */
  protected abstract launch(command: readonly string[], environment: Readonly<Record<string, string>>, mark: string): Launch;
  /** The failure that is not the command's own (link lost, program missing), if it was one. */
  protected abstract failureOf(
    command: readonly string[],
    result: CommandResult,
    mark: string,
  ): Promise<MigrationError | undefined>;
  /** What the command itself has left, of what the client has. */
  protected ownResult(result: CommandResult, _mark: string): CommandResult {
    return result;
  }
  /** Ends what the call started on the machine itself, before the local client is ended. Never throws. */
  protected async endThere(_mark: string): Promise<void> {}

  get withoutRoot(): WithoutRoot | undefined {
    return undefined;
  }

  abstract unixSocket(path: string): Promise<string>;
  abstract connectTcp(address: string, port: number): Promise<Socket>;
  abstract reconnect(signal?: AbortSignal): Promise<void>;
  abstract close(): Promise<void>;

  async run(command: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    if (options.signal?.aborted) throw endedByCancel(this.name, command);
    const mark = crypto.randomUUID();
    const child = startChild(this.launch(command, options.environment ?? {}, mark), options.input, "gathered");
    return this.#finish(child, command, options, mark);
  }

  async must(command: readonly string[], options: RunOptions = {}): Promise<string> {
    const result = await this.run(command, options);
    if (result.exitCode !== 0) throw commandFailed(this.name, command, result);
    return result.stdout;
  }

  async script(text: string, parameters: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    return this.must(["sh", "-eu", "-c", text, "sh", ...parameters], options);
  }

  stream(command: readonly string[], options: RunOptions = {}): Readable {
    const output = new PassThrough();
    if (options.signal?.aborted) return output.destroy(endedByCancel(this.name, command));
    const mark = crypto.randomUUID();
    const abandoned = new AbortController();
    const signal = AbortSignal.any([abandoned.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    const child = startChild(this.launch(command, options.environment ?? {}, mark), options.input, "streamed");
    // A consumer that gives up must not leave the program blocked on a full pipe.
    output.once("close", () => abandoned.abort());
    child.stdout.pipe(output, { end: false });
    this.#finish(child, command, { ...options, signal }, mark).then(
      (result) => (result.exitCode === 0 ? output.end() : output.destroy(commandFailed(this.name, command, result))),
      (error: Error) => output.destroy(error),
    );
    return output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Waits for the child to end, ending it when asked to, and tells its own end from everything else. */
  async #finish(child: Child, command: readonly string[], options: RunOptions, mark: string): Promise<CommandResult> {
    let inputError: Error | undefined;
    if (options.input instanceof Readable) {
      options.input.once("error", (error) => {
        inputError = error;
      });
    }
    let ended: "cancelled" | "timed out" | undefined;
    const end = async (why: typeof ended) => {
      ended ??= why;
      await this.endThere(mark);
      await endGroup(child);
    };
    const cancel = () => void end("cancelled");
    options.signal?.addEventListener("abort", cancel, { once: true });
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => void end("timed out"), options.timeoutMs);
    const outcome = await child;
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", cancel);

    if (ended === "cancelled") throw endedByCancel(this.name, command);
    if (ended === "timed out") throw commandTimedOut(this.name, command, options.timeoutMs);
    const exitCode = exitCodeOf(outcome);
    if (exitCode === undefined) throw notStarted(this.name, command, outcome);
    const result = { exitCode, stdout: String(outcome.stdout ?? ""), stderr: outcome.stderr };
    const failure = await this.failureOf(command, result, mark);
    if (failure !== undefined) throw failure;
    // The command may well have ended with status 0: all it saw was an early end of its input.
    if (inputError !== undefined) throw inputFailed(this.name, command, inputError);
    return this.ownResult(result, mark);
  }
}

function exitCodeOf({ exitCode, signal }: Outcome): number | undefined {
  return exitCode ?? (signal === undefined ? undefined : 128 + constants.signals[signal]);
}
