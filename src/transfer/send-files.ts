import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { MigrationError } from "../errors.ts";
import { type Codec, codecs } from "./codec.ts";
import { countBytes } from "./count-bytes.ts";
import { type LinkPatience, overLink } from "./over-link.ts";
import { PiecePool } from "./piece-pool.ts";
import { blockBytes, type Destination, type Incoming, readSizes, receiveArchive, receiveFile } from "./receiver.ts";
import { type SendEncodedOptions, sendEncoded } from "./send-encoded.ts";
import { sendFailure } from "./send-failure.ts";
import { SendWindow } from "./send-window.ts";

export interface FileToSend {
  /** Without a folder. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

export interface SendOptions extends LinkPatience {
  /** Default: none. */
  readonly codec?: Codec | undefined;
  /** Bytes per second of what goes over the link. Default: no limit. */
  readonly bytesPerSecond?: number | undefined;
  /** Whether nothing can be there yet: then nobody asks, which saves a round trip. Default: no. */
  readonly isNew?: boolean | undefined;
  /** Told how many bytes of the files are there or under way. Less than before after a break. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Sends a folder's files into a folder of another machine, readable by its user only. After a broken link it goes on where it stopped.
 * Whether the bytes arrived as they were is not looked at: see `sumFiles`.
 * @returns bytes that went over the link
 * @throws MigrationError `no-space` when the machine's disk is full, `transfer-failed`, `target-unreachable`, `cancelled`
 */
export async function sendFiles(
  directory: string,
  files: readonly FileToSend[],
  destination: Destination,
  options: SendOptions,
): Promise<number> {
  const sending = new Sending(directory, destination, options);
  try {
    await overLink(destination.host, options, () => sending.sendMissing(files));
  } catch (error) {
    throw sendFailure(error, destination.host.name, destination.directory, "the package could not be written");
  }
  return sending.bytesSent;
}

class Sending {
  readonly #directory: string;
  readonly #destination: Destination;
  readonly #options: SendOptions;
  readonly #codec: Codec;
  readonly #pool = new PiecePool();
  #isNew: boolean;
  bytesSent = 0;

  constructor(directory: string, destination: Destination, options: SendOptions) {
    this.#directory = directory;
    this.#destination = destination;
    this.#options = options;
    this.#codec = options.codec ?? codecs.none;
    this.#isNew = options.isNew ?? false;
  }

  async sendMissing(files: readonly FileToSend[]): Promise<void> {
    const { signal, onBytes } = this.#options;
    const present = this.#isNew ? new Map<string, number>() : await readSizes(this.#destination, signal);
    this.#isNew = false;
    const there = ({ name, size }: FileToSend) => Math.min(size, present.get(name) ?? -1);
    const missing = files.filter((file) => there(file) !== file.size);
    // All together, in one archive: each stream of its own costs a round trip. Of what was begun, the rest comes by itself.
    const begun = missing.filter((file) => there(file) >= blockBytes);
    const whole = missing.filter((file) => !begun.includes(file));
    let done = files.filter((file) => !missing.includes(file)).reduce((sum, { size }) => sum + size, 0);
    const advance = (bytes: number) => {
      done += bytes;
      onBytes?.(done);
    };
    let arrived = present;
    for (const file of begun) {
      // What is written last need not be whole: `dd` writes what it gets.
      const offset = Math.floor(there(file) / blockBytes) * blockBytes;
      advance(offset);
      await this.#sendRest(file, offset, advance);
    }
    if (whole.length > 0) arrived = await this.#sendWhole(whole, advance);
    else if (begun.length > 0) arrived = await readSizes(this.#destination, signal);
    await this.#assertComplete(missing, arrived);
  }

  /** @returns what is there afterwards */
  async #sendWhole(files: readonly FileToSend[], advance: (bytes: number) => void): Promise<ReadonlyMap<string, number>> {
    const archive = pack();
    const filled = this.#fill(archive, files, advance).catch((error: unknown) => {
      archive.destroy(error instanceof Error ? error : new Error(String(error)));
    });
    let arrived: ReadonlyMap<string, number> = new Map();
    await this.#over(archive, async (incoming) => {
      arrived = await receiveArchive(this.#destination, this.#codec, incoming);
    });
    await filled;
    return arrived;
  }

  async #fill(archive: ReturnType<typeof pack>, files: readonly FileToSend[], advance: (bytes: number) => void): Promise<void> {
    for (const { name, size } of files) {
      const path = join(this.#directory, name);
      const { size: now } = await stat(path);
      if (now !== size) throw new Error(`${name} has ${now} bytes here, and had ${size}`);
      const entry = archive.entry({ name, size, mode: 0o600 });
      await pipeline(this.#pool.read(path, { end: size }), countBytes(advance), entry);
    }
    archive.finalize();
  }

  async #sendRest({ name, size }: FileToSend, offset: number, advance: (bytes: number) => void): Promise<void> {
    const path = join(this.#directory, name);
    const pieces = countBytes(advance)(this.#pool.read(path, { start: offset, end: size }));
    await this.#over(pieces, (incoming) => receiveFile(this.#destination, this.#codec, { name, offset }, incoming));
  }

  /** Sends no more at once than the window lets pass. What a broken link has cost is counted, too. */
  async #over(pieces: AsyncIterable<unknown>, receive: (incoming: Incoming) => Promise<void>): Promise<void> {
    const { bytesPerSecond, signal } = this.#options;
    const before = this.bytesSent;
    const options: SendEncodedOptions = {
      codec: this.#codec,
      bytesPerSecond,
      signal,
      onBytes: (bytes) => {
        this.bytesSent = before + bytes;
      },
      onDone: (piece) => this.#pool.give(piece),
    };
    const window = new SendWindow();
    const content = Readable.from(window.pass(pieces), { highWaterMark: 1 });
    await sendEncoded(content, options, (input) => receive({ input, window, signal }));
  }

  /** A decoder that fails leaves less than was sent. */
  async #assertComplete(files: readonly FileToSend[], present: ReadonlyMap<string, number>): Promise<void> {
    const wrong = files.filter(({ name, size }) => present.get(name) !== size);
    if (wrong.length === 0) return;
    const [first] = wrong;
    const { size: now } = await stat(join(this.#directory, first!.name));
    throw new MigrationError(
      "transfer-failed",
      `${first!.name} has ${present.get(first!.name) ?? 0} bytes there, ${now} here, and should have ${first!.size}`,
      { host: this.#destination.host.name, remedy: "Try again." },
    );
  }
}
