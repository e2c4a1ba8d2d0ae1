import { MigrationError } from "../errors.ts";

interface Invalid {
  readonly file: string;
  readonly text: string;
  /** Where in the text, in UTF-16 units. */
  readonly offset: number;
  readonly problem: string;
  readonly key?: string;
  readonly expected?: string;
}

/** The error for what is wrong at one place of a configuration file. */
export function configurationInvalid({ file, text, offset, problem, key, expected }: Invalid): MigrationError {
  const before = text.slice(0, offset).split("\n");
  const [line, column] = [before.length, (before.at(-1) ?? "").length + 1];
  return new MigrationError("config-invalid", `${file}:${line}:${column}: ${problem}`, {
    host: "local",
    remedy: expected === undefined ? "Correct that line." : `Correct that line: expected is ${expected}.`,
    details: { file, line, column, key, expected },
  });
}
