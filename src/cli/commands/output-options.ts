import type { Command } from "commander";
import type { OutputOptions } from "../session.ts";

/** Reads how to speak from a command's options and the program's. */
export function outputOptionsOf(command: Command): OutputOptions {
  const { json, color, verbose } = command.optsWithGlobals<Record<string, unknown>>();
  return { json: json === true, color: color !== false, verbose: verbose === true };
}
