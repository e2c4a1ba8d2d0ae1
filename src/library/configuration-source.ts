import type { Configuration } from "../configuration/configuration.ts";
import { parseConfiguration } from "../configuration/parse.ts";
import { readConfiguration } from "../configuration/read.ts";
import type { ConfigurationFile } from "../configuration/schema.ts";

/** A configuration file's path, or what such a file says as an object. Undefined: the file in its usual place, if there is one. */
export type ConfigurationSource = string | ConfigurationFile | undefined;

/** @throws MigrationError `config-invalid` */
export async function loadConfiguration(source: ConfigurationSource): Promise<Configuration> {
  if (source === undefined || typeof source === "string") return await readConfiguration({ file: source });
  // By way of its text: so an object is held to the same rules, with the same words.
  return { ...parseConfiguration(JSON.stringify(source, undefined, 2), "configuration"), file: undefined };
}
