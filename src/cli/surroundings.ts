import { createInterface } from "node:readline/promises";
import { type Clock, systemClock } from "./clock.ts";
import type { SignalSource } from "./interruption.ts";
import type { Library } from "./library.ts";

/** Where text goes. Node.js's streams are such. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** The terminal's width. */
  readonly columns?: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** All that the program has around it, so that tests can put something else there. */
export interface Surroundings {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly signals: SignalSource;
  /** Whether somebody is there to answer: standard input is a terminal. */
  readonly canAsk: boolean;
  /** Asks the user; yes where nobody can be asked. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Ends the program at once. */
  readonly exit: (code: number) => void;
  readonly library: Library;
}

/** This process as surroundings. */
export function processSurroundings(library: Library): Surroundings {
  for (const stream of [process.stdout, process.stderr]) {
    // A reader that went away (`| head`, a closed terminal) must not end a move in its midst.
    stream.on("error", () => {});
  }
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    clock: systemClock,
    signals: process,
    canAsk: process.stdin.isTTY,
    confirm: askUser,
    exit: (code) => process.exit(code),
    library,
  };
}

async function askUser(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return true;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(question)).trim());
  } finally {
    lines.close();
  }
}
