import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { MigrationError } from "../errors.ts";
import { type Configuration, noConfiguration } from "./configuration.ts";
import { parseConfiguration } from "./parse.ts";

export interface ReadConfigurationOptions {
  /** Must be there. Default: the first of `usualFiles` that is. */
  readonly file?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Where a configuration is looked for. Never in the working folder: anybody may have put a file there, and it names a program that root runs. */
export function usualFiles(environment: Readonly<Record<string, string | undefined>>): string[] {
  const setting = environment.XDG_CONFIG_HOME;
  // The XDG base directory specification: a relative path is to be ignored.
  const base = setting !== undefined && isAbsolute(setting) ? setting : join(environment.HOME ?? homedir(), ".config");
  return [base, "/etc"].map((folder) => join(folder, "migrate-container", "criu_config.json"));
}

/**
 * Reads the configuration file, if there is one.
 * @throws MigrationError `config-invalid`
 */
export async function readConfiguration(options: ReadConfigurationOptions = {}): Promise<Configuration> {
  const { file, environment = process.env } = options;
  if (file !== undefined) return parseConfiguration(await read(file, "Name an existing file with --config."), file);
  for (const usual of usualFiles(environment)) {
    const facts = await stat(usual).catch(ignoreMissing);
    if (facts === undefined) continue;
    // Only for files that nobody named, as ssh does it: who names one knows whose it is.
    if ((facts.mode & 0o022) !== 0 || (facts.uid !== 0 && facts.uid !== process.geteuid?.())) {
      throw new MigrationError("config-invalid", `${usual} can be changed by other users than you and root`, {
        host: "local",
        remedy: `Make it yours (chown) and close it to others (chmod go-w ${usual}), or name it with --config.`,
        details: { file: usual, mode: (facts.mode & 0o7777).toString(8), uid: facts.uid },
      });
    }
    return parseConfiguration(await read(usual, "Make it readable, or remove it."), usual);
  }
  return noConfiguration;
}

async function read(file: string, remedy: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const details = { file };
    throw new MigrationError("config-invalid", `the configuration ${file} can't be read`, {
      host: "local",
      remedy,
      details,
      cause,
    });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  // Other failures are told when the file is read.
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw new MigrationError("config-invalid", `a configuration file can't be read: ${error.message}`, {
    host: "local",
    cause: error,
  });
}
