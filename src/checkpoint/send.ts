import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { MigrationError, messageOf } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { type Manifest, manifestName } from "./manifest.ts";

export interface SendOptions {
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a package's files, manifest first, into a new folder of a machine, readable by its user only.
 * @returns bytes sent
 * @throws MigrationError `no-space` when the machine's disk is full, `transfer-failed`, `target-unreachable`, `cancelled`
 */
export async function sendPackage(
  directory: string,
  manifest: Manifest,
  host: Host,
  destination: string,
  { onBytes, signal }: SendOptions = {},
): Promise<number> {
  const archive = pack();
  archive.on("error", () => {}); // what breaks it rejects `filled` or `received`
  let sent = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of archive) {
      const bytes = chunk as Buffer;
      sent += bytes.length;
      onBytes?.(sent);
      yield bytes;
    }
  }
  const abort = new AbortController();
  const either = signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal]);
  const received = host
    .script('umask 077; mkdir -p "$1"; exec tar -x -f - -C "$1"', [destination], { input: Readable.from(counted()), signal })
    .catch((error: unknown) => {
      abort.abort(error); // nothing reads the archive any more: stop filling it
      throw sendFailure(error, host.name, destination, "the package could not be unpacked");
    });
  const filled = fill(archive, directory, manifest, either).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
    if (!abort.signal.aborted) throw error;
  });
  const [outcome, fillOutcome] = await Promise.allSettled([received, filled]);
  if (outcome.status === "rejected") throw outcome.reason;
  if (fillOutcome.status === "rejected") throw fillOutcome.reason;
  return sent;
}

async function fill(archive: ReturnType<typeof pack>, directory: string, manifest: Manifest, signal: AbortSignal): Promise<void> {
  for (const name of [manifestName, ...manifest.files.map((file) => file.name)]) {
    const path = join(directory, name);
    const { size } = await stat(path);
    const entry = archive.entry({ name, size, mode: 0o600 });
    await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), entry, { signal });
  }
  archive.finalize();
}

/** GNU tar tells of a write that the disk had only partly room for as `Wrote only 2048 of 10240 bytes`, busybox as `short write`. */
const fullDisk = /No space left on device|Disk quota exceeded|Wrote only \d+ of \d+ bytes|short write/i;

/** @param what failed, for people */
export function sendFailure(error: unknown, host: string, destination: string, what: string): unknown {
  if (!(error instanceof MigrationError) || error.code !== "command-failed") return error;
  if (fullDisk.test(error.message)) {
    return new MigrationError("no-space", `the disk that holds ${destination} is full`, {
      host,
      remedy: "Free some space there (`df -h`, `docker system df`), then try again.",
      cause: error,
    });
  }
  return new MigrationError("transfer-failed", `${what}: ${messageOf(error)}`, {
    host,
    remedy: "Try again.",
    cause: error,
  });
}
