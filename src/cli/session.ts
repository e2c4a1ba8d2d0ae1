import type { Configuration } from "../configuration/configuration.ts";
import { type Style, styleFor } from "./format/style.ts";
import { type Symbols, symbolsFor } from "./format/symbols.ts";
import type { Library } from "./library.ts";
import { createProgress } from "./progress/create-progress.ts";
import type { Progress } from "./progress/progress.ts";
import type { Environment, OutputStream, Surroundings } from "./surroundings.ts";

/** How a command was told to speak. */
export interface OutputOptions {
  /** One JSON document on standard output, events as lines of JSON on standard error. */
  readonly json: boolean;
  readonly color: boolean;
  /** Errors with all that is known of them. */
  readonly verbose: boolean;
}

/** How text on one stream looks. */
export interface Look {
  readonly style: Style;
  readonly symbols: Symbols;
}

/** What a running command works with. */
export interface Session extends OutputOptions {
  readonly library: Library;
  readonly environment: Environment;
  readonly progress: Progress;
  /** Aborted by Ctrl-C and its kin. */
  readonly signal: AbortSignal;
  readonly outputLook: Look;
  readonly errorLook: Look;
  /** Whether somebody is there to answer. */
  readonly canAsk: boolean;
  /** Asks for a yes or no. Where nobody can answer (standard input is no terminal) the answer is yes: a script has asked for it. */
  confirm(question: string): Promise<boolean>;
  /** Writes to standard output. */
  print(lines: readonly string[]): void;
  /** Writes to standard error. */
  printError(lines: readonly string[]): void;
}

export function openSession(surroundings: Surroundings, options: OutputOptions, signal: AbortSignal): Session {
  const { stdout, stderr, environment, library } = surroundings;
  const symbols = symbolsFor(environment);
  const look = (stream: OutputStream): Look => ({ style: styleFor(stream, environment, options.color), symbols });
  return {
    ...options,
    library,
    environment,
    signal,
    progress: createProgress(surroundings, options),
    canAsk: surroundings.canAsk,
    confirm: (question) => surroundings.confirm(`${question} [y/N] `),
    outputLook: look(stdout),
    errorLook: look(stderr),
    print: (lines) => writeLines(stdout, lines),
    printError: (lines) => writeLines(stderr, lines),
  };
}

/** What the configuration file says, as the command's `--config` names it. @throws MigrationError `config-invalid` */
export async function readSessionConfiguration(
  { library, environment }: Session,
  file: string | undefined,
): Promise<Configuration> {
  return await library.readConfiguration({ file, environment });
}

export function writeLines(stream: OutputStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.join("\n")}\n`);
}
