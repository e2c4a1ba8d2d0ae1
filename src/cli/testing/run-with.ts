import { EventEmitter } from "node:events";
import { type Library, library } from "../library.ts";
import { runCli } from "../run-cli.ts";
import type { Environment } from "../surroundings.ts";
import { FakeClock, FakeStream } from "./fakes.ts";

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command line in this process with parts of the library replaced, in a UTF-8 locale without terminals.
 * @param confirm answers questions; by default nobody is there to be asked
 */
export async function runWith(
  fakes: Partial<Library>,
  parameters: readonly string[],
  environment: Environment = {},
  confirm: ((question: string) => Promise<boolean>) | undefined = undefined,
): Promise<CliRun> {
  const stdout = new FakeStream();
  const stderr = new FakeStream();
  const exitCode = await runCli(parameters, {
    stdout,
    stderr,
    environment: { LANG: "C.UTF-8", ...environment },
    clock: new FakeClock(),
    signals: new EventEmitter(),
    canAsk: confirm !== undefined,
    confirm: confirm ?? (async () => true),
    exit: () => {},
    library: { ...library, ...fakes },
  });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}
