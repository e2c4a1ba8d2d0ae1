import { createHash, randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { openHost } from "../host/open.ts";
import { formatBytes } from "../text/bytes.ts";
import { sendFailure } from "../transfer/send-failure.ts";
import { openRegularFile } from "./archive/regular-file.ts";
import { type CheckpointListener, CheckpointSteps } from "./take/events.ts";

export interface TransferOptions {
  /** The machine, as `migrate` takes it. */
  readonly target: string;
  /** The folder there; made if need be, for its owner only. Absolute, or relative to the home of the user there. */
  readonly directory: string;
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
  receive: `umask 077; mkdir -p -- "$1"; cd -- "$1"
    if [ -e "$2" ] || [ -L "$2" ]; then echo taken; exit 0; fi
    if ! cat >"$3"; then rm -f -- "$3"; exit 1; fi`,
  sum: 'cd -- "$1"; sync -- "$2" 2>/dev/null || sync; sha256sum <"$2"',
  name: 'cd -- "$1"; ln -- "$3" "$2"; rm -f -- "$3"',
  remove: 'cd -- "$1" && rm -f -- "$2"',
};

/**
 * Sends an archive to another machine's folder, under its own name and with mode 0600, and compares its SHA-256 there. On failure nothing of
 * it stays.
 * @throws MigrationError `usage`, `target-unreachable`, `transfer-failed`, `package-corrupt`, `no-space`, `cancelled`
 */
export async function transferArchive(path: string, options: TransferOptions): Promise<Transferred> {
  const { target, directory, sshConfig, signal } = options;
  const steps = new CheckpointSteps(options.onEvent);
  await using file = await openRegularFile(path);
  await using host = await openHost(target, { configFile: sshConfig, signal });
  const name = basename(path);
  const partial = `.${name}.${randomBytes(6).toString("hex")}.partial`;
  // Not to be taken for an option or another folder by the shell there.
  const folder = directory.startsWith("/") ? directory : `./${directory}`;
  try {
    const sent = await steps.make("send", `Sending ${name} to ${host.name}`, async () => {
      const sending = await send(file, { host, folder, name, partial, steps, signal });
      return [sending, formatBytes(sending.bytes)];
    });
    await steps.run("verify", "Verifying it there", async () => {
      const sums = await host.script(scripts.sum, [folder, partial], { signal });
      compareSums(sent.sha256, /^[0-9a-f]{64}/.exec(sums)?.[0], host.name);
      await host.script(scripts.name, [folder, name, partial], { signal });
      return "its SHA-256 agrees";
    });
    return { target: host.name, path: join(directory, name), ...sent };
  } catch (error) {
    // Without the signal, which may be why. Where the machine can't be reached any more, the part stays there.
    await host.script(scripts.remove, [folder, partial]).catch(() => {});
    throw sendFailure(error, host.name, directory, "the archive could not be written");
  }
}

interface Sending {
  readonly host: Host;
  readonly folder: string;
  readonly name: string;
  readonly partial: string;
  readonly steps: CheckpointSteps;
  readonly signal: AbortSignal | undefined;
}

async function send(
  file: FileHandle,
  { host, folder, name, partial, steps, signal }: Sending,
): Promise<Pick<Transferred, "bytes" | "sha256">> {
  const { size } = await file.stat();
  const hash = createHash("sha256");
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1 << 18 })) {
      const piece = chunk as Buffer;
      hash.update(piece);
      bytes += piece.length;
      steps.bytes("send", bytes, size);
      yield piece;
    }
  }
  const answer = await host.script(scripts.receive, [folder, name, partial], { input: Readable.from(counted()), signal });
  if (answer.trim() === "taken") {
    throw new MigrationError("usage", `${join(folder, name)} is there already`, {
      host: host.name,
      remedy: "Name another folder, or remove that file.",
    });
  }
  return { bytes, sha256: hash.digest("hex") };
}

function compareSums(sent: string, arrived: string | undefined, host: string): void {
  if (arrived === sent) return;
  throw new MigrationError("package-corrupt", `the archive did not arrive as it was sent (SHA-256 ${arrived}, sent ${sent})`, {
    host,
    remedy: "Try again. If it happens again, look for a failing disk or memory on that machine.",
    details: { sent, arrived },
  });
}
