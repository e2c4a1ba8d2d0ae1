import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../../errors.ts";
import { readImageFile } from "./image-file.ts";

const sumsFile = "SHA256SUMS";
const bufferSize = 1 << 18;
/** What `sha256sum` writes: two spaces, or a star for binary mode. Images lie in one folder and have plain names. */
const line = /^([0-9a-f]{64}) [ *]([^/\\]+)$/;

/**
 * A POSIX shell script that writes the sums of the images in the folder $1 beside them. A single bit that flips in a register's
 * value afterwards would be seen by nobody without them. The pages are left out: they are most of the bytes, the container is
 * frozen meanwhile, and the package has a sum for them.
 */
export const writeSumsScript = `umask 077; cd "$1"
for name in *; do
  case $name in pages-*.img | ${sumsFile}) ;; *) printf '%s\\0' "$name" ;; esac
done | xargs -0 sha256sum -- >${sumsFile}`;

/**
 * Compares the images of a folder with their sums. A folder without sums is taken as it is: images may come from elsewhere.
 * @throws MigrationError `image-corrupt` that names every image that is missing, differs or was added
 */
export async function verifyImageSums(directory: string): Promise<void> {
  const names = await readdir(directory).catch((): string[] => []);
  if (!names.includes(sumsFile)) return;
  const sums = parse(Buffer.from(await readImageFile(join(directory, sumsFile), { hasData: false })).toString());
  const wrong = names
    .filter((name) => name.endsWith(".img") && !name.startsWith("pages-") && !sums.has(name))
    .map((name) => `${name} is not among them`);
  const buffer = new Uint8Array(bufferSize);
  for (const [name, sum] of sums) {
    const found = hash(join(directory, name), buffer);
    if (found !== sum) wrong.push(found === undefined ? `${name} is missing` : `${name} differs`);
  }
  if (wrong.length > 0) throw corrupt(`the images are not those of ${sumsFile}: ${wrong.join("; ")}`, wrong);
}

function parse(text: string): Map<string, string> {
  const sums = new Map<string, string>();
  for (const [index, content] of text.split("\n").entries()) {
    const [, sum, name] = line.exec(content) ?? [];
    if (sum !== undefined && name !== undefined) sums.set(name, sum);
    else if (content !== "") throw corrupt(`${sumsFile}: line ${index + 1} is not what sha256sum writes`, [sumsFile]);
  }
  return sums;
}

/** Synchronous, since the images are many and small, and the container waits. */
function hash(path: string, buffer: Uint8Array): string | undefined {
  const descriptor = openRegularFile(path);
  if (descriptor === undefined) return undefined;
  try {
    const sum = createHash("sha256");
    for (let count = 1; count > 0; ) {
      count = readSync(descriptor, buffer);
      sum.update(buffer.subarray(0, count));
    }
    return sum.digest("hex");
  } finally {
    closeSync(descriptor);
  }
}

function openRegularFile(path: string): number | undefined {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
  } catch {
    // What can't be opened counts as missing, as links do: they could lead out of the folder.
  }
  return undefined;
}

function corrupt(message: string, wrong: readonly string[]): MigrationError {
  return new MigrationError("image-corrupt", message, {
    remedy: `Take the checkpoint again. If it happens again, look for a failing disk or memory.`,
    details: { file: sumsFile, wrong },
  });
}
