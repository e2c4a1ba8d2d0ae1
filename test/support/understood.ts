import { EventEmitter } from "node:events";
import { CommanderError } from "commander";
import { library } from "../../src/cli/library.ts";
import { createProgram } from "../../src/cli/run-cli.ts";
import { FakeClock, FakeStream } from "../../src/cli/testing/fakes.ts";

/** Has the program take a command line apart, without doing what it says. @returns what is wrong with it, or nothing */
export async function understood(words: readonly string[]): Promise<string> {
  const stderr = new FakeStream();
  const surroundings = {
    ...{ stdout: new FakeStream(), stderr, environment: {}, clock: new FakeClock() },
    ...{ signals: new EventEmitter(), exit: () => {}, canAsk: false, confirm: async () => true, library },
  };
  try {
    await createProgram(surroundings, async () => {}).parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return stderr.text;
  }
  return "";
}
