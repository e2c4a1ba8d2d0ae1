import { lstat, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { MigrationError, messageOf } from "../errors.ts";
import { formatBytes } from "../text/bytes.ts";
import { count } from "../text/count.ts";
import { defaultLimits } from "./archive/limits.ts";
import { type ArchiveManifest, manifestName } from "./archive/manifest.ts";
import { parseManifest } from "./archive/parse-manifest.ts";
import { refusal } from "./archive/refusal.ts";
import { writeArchive } from "./archive/write-archive.ts";
import type { Compression } from "./compressions.ts";
import { encrypterFor } from "./layers/encryption.ts";
import { type CheckpointListener, CheckpointSteps } from "./take/events.ts";
import { describeMembers } from "./take/manifest.ts";
import { checkOutput } from "./take/output.ts";
import { type CheckpointSizes, sizesOf } from "./take/sizes.ts";

export interface PackageOptions {
  /** Default: `zstd`. */
  readonly compression?: Compression | undefined;
  /** age recipients (`age1…`) that the archive is encrypted for. */
  readonly recipients?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: CheckpointListener | undefined;
}

export interface Packaged {
  readonly checkpointPath: string;
  readonly container: string;
  readonly sizes: CheckpointSizes;
}

/**
 * Makes an archive of a folder that `unpackArchive` wrote: to compress or encrypt it in another way. Every file is compared with the folder's
 * manifest first. CRIU's images alone are not enough, since a container can't be made of them.
 * @param output the archive's path; there must be nothing yet
 * @throws MigrationError `usage`, `archive-refused` when the folder is not as its manifest says, `no-space`, `cancelled`
 */
export async function packageFolder(directory: string, output: string, options: PackageOptions = {}): Promise<Packaged> {
  const { compression = "zstd", recipients = [], signal, onEvent } = options;
  if (recipients.length > 0) encrypterFor(recipients);
  await checkOutput(output, { defaultOptions: {} });
  const steps = new CheckpointSteps(onEvent);
  const file = (member: string) => join(directory, member);
  const checkpointPath = resolve(output);
  const manifest = await steps.make("read", "Comparing the files with their manifest", async () => {
    const read = await readFolderManifest(directory);
    await compare(read, file, signal);
    return [read, `${count(read.members.length, "file")}, as they were written`];
  });
  const archive = await steps.make("write", "Writing the archive", async () => {
    const totalBytes = manifest.members.reduce((sum, { size }) => sum + size, 0);
    const onBytes = (bytes: number) => steps.bytes("write", bytes, totalBytes);
    const bytes = await writeArchive({ output: checkpointPath, manifest, file, compression, recipients, onBytes, signal });
    return [bytes, `the archive has ${formatBytes(bytes)}`];
  });
  return { checkpointPath, container: manifest.container.name, sizes: sizesOf(manifest, archive) };
}

async function readFolderManifest(directory: string): Promise<ArchiveManifest> {
  let bytes: Buffer;
  try {
    bytes = await readFile(join(directory, manifestName));
  } catch (cause) {
    throw new MigrationError("usage", `${directory} is no unpacked checkpoint: ${messageOf(cause)}`, {
      host: "local",
      remedy: "Name a folder that an archive was unpacked to. For CRIU's images alone there is `compile`.",
      cause,
    });
  }
  return parseManifest(bytes, defaultLimits);
}

async function compare(
  { members }: ArchiveManifest,
  file: (member: string) => string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { path, size, sha256 } of members) {
    if (signal?.aborted === true) throw cancelled(signal);
    const stats = await lstat(file(path)).catch((cause: unknown) => {
      throw refusal("missing-member", `\`${path}\` is missing (${messageOf(cause)})`, { member: path });
    });
    // A link would put a file of this machine into the archive.
    if (!stats.isFile()) throw refusal("member-type", `\`${path}\` is no plain file`, { member: path });
    if (stats.size !== size) throw refusal("wrong-size", `\`${path}\` has ${stats.size} bytes, not ${size}`, { member: path });
    const [found] = await describeMembers([path], file);
    if (found?.sha256 !== sha256) throw refusal("wrong-sum", `the SHA-256 of \`${path}\` is wrong`, { member: path });
  }
}

function cancelled({ reason }: AbortSignal): MigrationError {
  return reason instanceof MigrationError
    ? reason
    : new MigrationError("cancelled", "packaging was cancelled", { host: "local" });
}
