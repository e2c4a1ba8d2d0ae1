import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { MigrationError } from "../errors.ts";

export interface PackageFile {
  /** The file's name in the package; packages have no folders. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** What a package holds. Written beside the files as `manifest.json`. */
export interface Manifest {
  readonly format: 1;
  readonly tool: string;
  readonly created: string;
  readonly source: {
    readonly container: string;
    readonly containerId: string;
    readonly image: string;
    readonly architecture: string;
    readonly kernel: string;
  };
  readonly files: readonly PackageFile[];
}

export const manifestName = "manifest.json";

/** Hashes every file of a folder. @param onBytes is told how many bytes are done */
export async function describeFiles(
  directory: string,
  onBytes?: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<PackageFile[]> {
  const names = (await readdir(directory)).filter((name) => name !== manifestName).toSorted();
  const files: PackageFile[] = [];
  let done = 0;
  for (const name of names) {
    const path = join(directory, name);
    const hash = createHash("sha256");
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      async function* count(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          done += chunk.length;
          onBytes?.(done);
          yield chunk;
        }
      },
      hash,
      { ...(signal === undefined ? {} : { signal }) },
    );
    files.push({ name, size: (await stat(path)).size, sha256: hash.digest("hex") });
  }
  return files;
}

/**
 * Compares what arrived with what was sent.
 * @param sums the output of `sha256sum` on the other machine
 * @throws MigrationError `package-corrupt` that names every file that is missing or differs
 */
export function verifySums(manifest: Pick<Manifest, "files">, sums: string, host: string): void {
  const arrived = new Map<string, string>();
  for (const line of sums.split("\n")) {
    const match = /^([0-9a-f]{64}) [ *](?:.*\/)?([^/]+)$/.exec(line);
    if (match !== null) arrived.set(match[2]!, match[1]!);
  }
  const wrong = manifest.files.flatMap(({ name, sha256 }) => {
    const sum = arrived.get(name);
    if (sum === undefined) return [`${name} is missing`];
    return sum === sha256 ? [] : [`${name} differs (SHA-256 ${sum}, sent ${sha256})`];
  });
  if (wrong.length === 0) return;
  throw new MigrationError("package-corrupt", `the package did not arrive as it was sent: ${wrong.join("; ")}`, {
    host,
    remedy: "Try again. If it happens again, look for a failing disk or memory on that machine.",
    details: { wrong },
  });
}
