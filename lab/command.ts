import { createWriteStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";
import { MigrationError } from "../src/errors.ts";

/** One line about what the lab is doing, on standard error. */
export function progress(line: string): void {
  process.stderr.write(`lab: ${line}\n`);
}

/**
 * Runs a program to its end.
 * @returns standard output without its last newline
 * @throws MigrationError `setup-failed` with what the program said
 */
export async function run(
  command: string,
  parameters: readonly string[],
  { timeoutMs = 0, inputFile }: { timeoutMs?: number; inputFile?: string } = {},
): Promise<string> {
  const stdin = inputFile === undefined ? "ignore" : { file: inputFile };
  const result = await execa(command, parameters, { reject: false, stdin, timeout: timeoutMs });
  if (!result.failed) return result.stdout;
  throw new MigrationError("setup-failed", `${command} ${parameters.join(" ")}: ${result.stderr || result.shortMessage}`, {
    host: "local",
    details: { exitCode: result.exitCode ?? null },
  });
}

/** Whether a program ends with exit status 0 within the time given (milliseconds). */
export async function succeeds(command: string, parameters: readonly string[], timeoutMs = 30_000): Promise<boolean> {
  const result = await execa(command, parameters, { reject: false, stdin: "ignore", timeout: timeoutMs });
  return !result.failed;
}

/**
 * Runs a long program whose output goes to a log file.
 * @throws MigrationError `setup-failed` with the last lines of the log
 */
export async function runLogged(command: string, parameters: readonly string[], logFile: string): Promise<void> {
  await mkdir(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  const subprocess = execa(command, parameters, { reject: false, stdin: "ignore", all: true, buffer: false });
  subprocess.all.pipe(log);
  const result = await subprocess;
  if (!result.failed) return;
  const lines = (await readFile(logFile, "utf8")).trimEnd().split("\n");
  throw new MigrationError("setup-failed", `${command} ${parameters.join(" ")} failed: ${lines.slice(-8).join("\n")}`, {
    host: "local",
    remedy: `See ${logFile} for all that it said.`,
  });
}
