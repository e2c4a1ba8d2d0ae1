import { cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { MigrationError, messageOf } from "../errors.ts";
import { formatBytes } from "../text/bytes.ts";
import { count } from "../text/count.ts";
import { type OpenArchiveOptions, openArchive } from "./archive/open-archive.ts";
import type { ArchivedFile } from "./archive/opened.ts";
import { type CheckpointListener, CheckpointSteps } from "./take/events.ts";

export interface UnpackArchiveOptions extends Pick<OpenArchiveOptions, "identityFile" | "signal"> {
  readonly onEvent?: CheckpointListener | undefined;
}

export interface UnpackedArchive {
  /** The folder, readable by its owner only. */
  readonly directory: string;
  readonly format: "migrate-container" | "podman";
  /** The folder of CRIU's images in it. */
  readonly imagesDirectory: string;
  /** Paths are relative to the folder. */
  readonly members: readonly ArchivedFile[];
  /** Of all members. */
  readonly bytes: number;
}

/**
 * Unpacks an archive into a folder. It gets its name only when everything was checked: nothing of an archive that is refused is seen there.
 * @param directory empty, or not there yet
 * @throws MigrationError as `openArchive`, `usage` when the folder is in use
 */
export async function unpackArchive(
  path: string,
  directory: string,
  options: UnpackArchiveOptions = {},
): Promise<UnpackedArchive> {
  const { identityFile, signal, onEvent } = options;
  const destination = resolve(directory);
  await checkDestination(destination);
  const steps = new CheckpointSteps(onEvent);
  await using stack = new AsyncDisposableStack();
  const archive = await steps.make("read", "Reading and checking the archive", async () => {
    const onBytes = (bytes: number, totalBytes: number) => steps.bytes("read", bytes, totalBytes);
    const opened = stack.use(await openArchive(path, { identityFile, signal, onBytes }));
    return [opened, `${count(opened.members.length, "member")}, all sound`];
  });
  const bytes = archive.members.reduce((sum, { size }) => sum + size, 0);
  await steps.run("unpack", "Putting its files in place", async () => {
    await put(archive.folder, destination);
    return formatBytes(bytes);
  });
  return {
    directory: destination,
    format: archive.format,
    imagesDirectory: join(destination, basename(archive.imagesDirectory)),
    members: archive.members.map(({ path: member, size, sha256 }) => ({ path: member, size, sha256 })),
    bytes,
  };
}

async function checkDestination(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw unusable(directory, error);
  });
  if (names.length > 0) throw unusable(directory, new Error("it is not empty"));
}

/** Through a folder beside it, since the archive may have been unpacked on another file system. */
async function put(folder: string, destination: string): Promise<void> {
  const parent = dirname(destination);
  let partial: string | undefined;
  try {
    await mkdir(parent, { recursive: true });
    partial = await mkdtemp(join(parent, `.${basename(destination)}.partial-`));
    await cp(folder, partial, { recursive: true, preserveTimestamps: true });
    await rename(partial, destination);
  } catch (error) {
    if (partial !== undefined) await rm(partial, { recursive: true, force: true });
    throw unusable(destination, error);
  }
}

function unusable(directory: string, cause: unknown): MigrationError {
  const full = (cause as NodeJS.ErrnoException).code === "ENOSPC";
  return new MigrationError(full ? "no-space" : "usage", `the archive can't be unpacked to ${directory}: ${messageOf(cause)}`, {
    host: "local",
    remedy: full ? "Free some space there." : "Name a folder that is empty, or not there yet.",
    cause,
  });
}
