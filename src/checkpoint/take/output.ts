import { access, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Configuration } from "../../configuration/configuration.ts";
import { MigrationError, messageOf } from "../../errors.ts";
import type { Compression } from "../compressions.ts";

export interface OutputRequest {
  /** As the user named it. Undefined: a file in the configuration's folder. */
  readonly output?: string | undefined;
  /** The container's. */
  readonly name: string;
  readonly compression: Compression;
  readonly encrypted: boolean;
  readonly configuration: Configuration;
}

const extensions: Readonly<Record<Compression, string>> = { zstd: ".tar.zst", gzip: ".tar.gz", none: ".tar" };

/**
 * Told before anything is done: the file that was named can be written, or there is a folder for those that aren't named.
 * @throws MigrationError `usage`
 */
export async function checkOutput(output: string | undefined, { checkpointDirectory }: Configuration): Promise<void> {
  const remedy = "Name another file with --output.";
  if (output === undefined) {
    if (checkpointDirectory !== undefined) return;
    throw new MigrationError("usage", "no file was named, and the configuration has no `checkpoint_dir`", {
      host: "local",
      remedy: "Name the file with --output, or a folder for all of them as `checkpoint_dir` in the configuration.",
    });
  }
  const path = resolve(output);
  if (await exists(path)) throw new MigrationError("usage", `${path} is there already`, { host: "local", remedy });
  if (!(await exists(dirname(path))))
    throw new MigrationError("usage", `there is no folder ${dirname(path)}`, { host: "local", remedy });
}

/**
 * The path to write to: `<checkpoint_dir>/<container>-<time>.tar.zst` where none was named. That folder is made if need be, for its
 * owner only.
 * @throws MigrationError `usage` when it can't be made
 */
export async function outputFor(request: OutputRequest): Promise<string> {
  const { output, name, compression, encrypted, configuration } = request;
  if (output !== undefined) return resolve(output);
  const folder = configuration.checkpointDirectory!;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new MigrationError("usage", `the folder ${folder} can't be made: ${messageOf(cause)}`, {
      host: "local",
      remedy: "Name another `checkpoint_dir` in the configuration, or a file with --output.",
      cause,
    });
  }
  // Without colons, which tar and scp take for a machine's name; with milliseconds, so that two in a row don't meet.
  const time = new Date().toISOString().replaceAll(/[-:.]/g, "");
  return join(folder, `${name}-${time}${extensions[compression]}${encrypted ? ".age" : ""}`);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
