import { inspect } from "node:util";
import { MigrationError, messageOf } from "../../errors.ts";
import { machineName } from "../../host/words.ts";
import type { Look } from "../session.ts";
import { labelled } from "./indent.ts";

export interface FailureOptions {
  /** What didn't come about: `Not migrated`. */
  readonly headline: string;
  /** How things stand now. */
  readonly state: readonly string[];
  readonly verbose: boolean;
  readonly look: Look;
}

/** An error for people: what, where, why, what to do, and how things stand. */
export function failureLines(error: unknown, { headline, state, verbose, look: { style, symbols } }: FailureOptions): string[] {
  const [message = "", ...more] = messageOf(error).trimEnd().split("\n");
  return [
    style.red(`${symbols.cross} ${headline}: `) + style.bold(message),
    ...more.map((line) => `  ${line}`),
    ...(error instanceof MigrationError ? knownFacts(error, verbose) : unknownFacts(error)),
    ...(state.length === 0 ? [] : labelled("State", state.join("\n"))),
  ];
}

function knownFacts(error: MigrationError, verbose: boolean): string[] {
  const { host, remedy, code, details, stack } = error;
  return [
    ...(host === undefined ? [] : labelled("Machine", machineName(host))),
    ...causesOf(error).flatMap((cause) => labelled("Cause", cause)),
    ...(remedy === undefined ? [] : labelled("Remedy", remedy)),
    ...labelled("Code", `${code} (docs/errors.md)`),
    ...(verbose && Object.keys(details).length > 0 ? labelled("Details", inspect(details, { depth: 5, breakLength: 120 })) : []),
    ...(verbose && stack !== undefined ? labelled("Stack", stack) : []),
  ];
}

function unknownFacts(error: unknown): string[] {
  return [
    ...causesOf(error).flatMap((cause) => labelled("Cause", cause)),
    ...labelled("Remedy", "This is a defect of migrate-container. Please report it with the following lines."),
    ...labelled("Stack", error instanceof Error ? (error.stack ?? error.message) : inspect(error)),
  ];
}

/** The messages of the errors behind an error, without those that the ones above quote already. */
function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  let told = messageOf(error);
  let current = error instanceof Error ? error.cause : undefined;
  while (current !== undefined && causes.length < 5) {
    const message = messageOf(current).trim();
    if (message !== "" && !told.includes(message)) causes.push(message);
    told += `\n${message}`;
    current = current instanceof Error ? current.cause : undefined;
  }
  return causes;
}
