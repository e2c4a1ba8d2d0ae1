import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { openHost } from "../host/open.ts";
import { formatBytes } from "../text/bytes.ts";
import { overLink } from "../transfer/over-link.ts";
import { sendFailure } from "../transfer/send-failure.ts";
import { sendFiles } from "../transfer/send-files.ts";
import { type TransferSettings, transferOf } from "../transfer/settings.ts";
import { sumFiles } from "../transfer/sums.ts";
import { openRegularFile } from "./archive/regular-file.ts";
import { type CheckpointListener, CheckpointSteps } from "./take/events.ts";

export interface TransferOptions {
  /** The machine, as `migrate` takes it. */
  readonly target: string;
  /** The folder there; made if need be, for its owner only. Absolute, or relative to the home of the user there. */
  readonly directory: string;
  /** How fast, and how long to wait for a machine whose link broke. An archive is compressed already. */
  readonly transfer?: Omit<TransferSettings, "compression"> | undefined;
  /** OpenSSH configuration file to use instead of the user's. */
  readonly sshConfig?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: CheckpointListener | undefined;
}

export interface Transferred {
  readonly target: string;
  /** Of the file there. */
  readonly path: string;
  readonly bytes: number;
  /** Of the file, as it was read here and is there. */
  readonly sha256: string;
}

/** Nothing that is there is replaced. The name is taken only when the sums agree: by a hard link, which fails when there is a file already. */
const scripts = {
  prepare: `umask 077; mkdir -p -- "$1"; cd -- "$1"; if [ -e "$2" ] || [ -L "$2" ]; then echo taken; fi`,
  name: 'cd -- "$1"; sync; ln -- "$3/$2" "$2"; rm -rf -- "$3"',
  remove: 'cd -- "$1" && rm -rf -- "$2"',
};

/**
 * Sends an archive to another machine's folder, under its own name and with mode 0600, and compares its SHA-256 there. After a broken link it
 * goes on where it stopped. On failure nothing of it stays.
 * @throws MigrationError `usage`, `target-unreachable`, `transfer-failed`, `package-corrupt`, `no-space`, `cancelled`
 */
export async function transferArchive(path: string, options: TransferOptions): Promise<Transferred> {
  const { target, directory, sshConfig, signal } = options;
  const steps = new CheckpointSteps(options.onEvent);
  await using file = await openRegularFile(path);
  const { size, mtimeMs } = await file.stat();
  await using host = await openHost(target, { configFile: sshConfig, signal });
  const name = basename(path);
  // The same for the same file, so that what a tool that was ended by force has left is gone on with, and taken away.
  const partial = `.${name}.${size}-${Math.round(mtimeMs)}.partial`;
  // Not to be taken for an option or another folder by the shell there.
  const folder = directory.startsWith("/") ? directory : `./${directory}`;
  const { bytesPerSecond, reconnectMs: patienceMs } = transferOf(options.transfer);
  const link = { patienceMs, signal };
  try {
    await steps.run("send", `Sending ${name} to ${host.name}`, async () => {
      await prepare(host, folder, name, signal);
      const destination = { host, directory: `${folder}/${partial}` };
      const onBytes = (bytes: number) => steps.bytes("send", bytes, size);
      await sendFiles(dirname(path), [{ name, size }], destination, { ...link, bytesPerSecond, onBytes });
      return formatBytes(size);
    });
    const sha256 = await steps.make("verify", "Verifying it there", async () => {
      const sums = await overLink(host, link, () => sumFiles(host, `${folder}/${partial}`, [name], signal));
      const sum = await sumOf(file);
      compareSums(sum, /^[0-9a-f]{64}/.exec(sums)?.[0], host.name);
      await host.script(scripts.name, [folder, name, partial], { signal });
      return [sum, "its SHA-256 agrees"];
    });
    return { target: host.name, path: join(directory, name), bytes: size, sha256 };
  } catch (error) {
    // Without the signal, which may be why. Where the machine can't be reached any more, the part stays there until the file is sent again.
    await host.script(scripts.remove, [folder, partial]).catch(() => {});
    throw sendFailure(error, host.name, directory, "the archive could not be written");
  }
}

async function prepare(host: Host, folder: string, name: string, signal: AbortSignal | undefined): Promise<void> {
  const answer = await host.script(scripts.prepare, [folder, name], { signal });
  if (answer.trim() !== "taken") return;
  throw new MigrationError("usage", `${join(folder, name)} is there already`, {
    host: host.name,
    remedy: "Name another folder, or remove that file.",
  });
}

async function sumOf(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(file.createReadStream({ autoClose: false, start: 0, highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

function compareSums(sent: string, arrived: string | undefined, host: string): void {
  if (arrived === sent) return;
  throw new MigrationError("package-corrupt", `the archive did not arrive as it was sent (SHA-256 ${arrived}, sent ${sent})`, {
    host,
    remedy: "Try again. If it happens again, look for a failing disk or memory on that machine.",
    details: { sent, arrived },
  });
}
