import { readFile } from "node:fs/promises";
import { MigrationError } from "../errors.ts";
import { parseEmulatorDescription } from "../resume/emulators/description.ts";
import type { Emulator } from "../resume/emulators/emulator.ts";

/**
 * @param path of the file that describes an emulator. Default: $MIGRATE_CONTAINER_EMULATOR
 * @returns undefined when none is named
 * @throws MigrationError `usage`
 */
export async function readEmulatorDescription(path = process.env.MIGRATE_CONTAINER_EMULATOR): Promise<Emulator | undefined> {
  if (path === undefined || path === "") return undefined;
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new MigrationError("usage", `the emulator's description ${path} can't be read`, {
      remedy: "Name an existing file with --emulator or MIGRATE_CONTAINER_EMULATOR.",
      cause,
    });
  }
  return parseEmulatorDescription(text, path);
}
