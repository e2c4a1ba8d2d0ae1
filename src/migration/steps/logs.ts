import { createHash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { headBytes, type LogFile, type LogPlace, listLogs, logPlaceOf } from "../../engine/docker/log-files.ts";
import { MigrationError } from "../../errors.ts";
import { formatBytes } from "../../text/bytes.ts";
import { type SendEncodedOptions, sendEncoded } from "../../transfer/send-encoded.ts";
import { sendFailure } from "../../transfer/send-failure.ts";
import type { Move } from "../move.ts";
import { withLinks } from "./link-patience.ts";

/** A part of a log file, which waits on the target for its name. */
interface LogPart {
  /** Below the folder there. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes that went over the link. */
  readonly sent: number;
}

/** A log file, and the byte with which it begins on the target. */
interface Cut {
  readonly file: LogFile;
  readonly start: number;
}

/** What was copied of a log file while the container ran. */
export interface CopiedLog extends Cut {
  readonly part: LogPart;
}

interface Places {
  readonly from: LogPlace;
  readonly to: LogPlace;
}

/** Bytes. Docker's defaults don't bound what a container has said; the newest of it is what people look for. */
const mostBytes = 100 << 20;

/** How often the frozen container's logs are looked at anew: Docker may still compress one. */
const attempts = 5;

/** Copies what the container has said so far, while it runs. @returns what came of it, for people; empty when there was nothing to do */
export async function copyLogs(move: Move): Promise<string> {
  const places = await placesOf(move);
  if (places === undefined) return "";
  move.logs = await withLinks(move, "copy-volumes", async (options) => {
    const copied: CopiedLog[] = [];
    for (const cut of (await newestOf(move, places.from)).cuts) {
      // A smaller one has another head as soon as it grows.
      if (cut.file.size >= headBytes) copied.push({ ...cut, part: await copyPart(move, places, cut, options) });
    }
    return copied;
  });
  return describe(
    move,
    move.logs.map(({ part }) => part),
  );
}

/** Copies what it has said since, and gives the files the names that Docker there knows. */
export async function syncLogs(move: Move): Promise<string> {
  const places = await placesOf(move);
  if (places === undefined) return "";
  const parts = await withLinks(move, "sync-volumes", async (options) => {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const { cuts, isAll } = await newestOf(move, places.from);
      const files = await copyRest(move, places, cuts, options);
      if (files === undefined) continue;
      await nameFiles(move, places.to, files);
      if (!isAll) move.notes.push(`of its logs the newest ${formatBytes(mostBytes)} came along`);
      return files.flatMap(({ rest }) => rest ?? []);
    }
    throw new MigrationError("transfer-failed", "the container's log files change while it stands still", {
      host: move.source.host.name,
      remedy: "Look for what works in them (logrotate), then try again.",
    });
  });
  return describe(move, parts);
}

function describe(move: Move, parts: readonly LogPart[]): string {
  const sent = parts.reduce((sum, part) => sum + part.sent, 0);
  move.bytesSent += sent;
  move.fileBytes += sent;
  return parts.length === 0 ? "" : `${formatBytes(sent)} of logs`;
}

/** Undefined where a driver keeps no files: `check` has said so, unless nobody wants any. */
async function placesOf({ source, target, container, targetContainerId }: Move): Promise<Places | undefined> {
  const from = await logPlaceOf(source.engine, container);
  if (from === undefined) return;
  const to = await logPlaceOf(target.engine, await target.engine.inspect(targetContainerId!));
  return to?.hasLines === from.hasLines ? { from, to } : undefined;
}

interface Newest {
  /** The newest file first. */
  readonly cuts: readonly Cut[];
  /** Whether nothing is left out. */
  readonly isAll: boolean;
}

/** The newest of the logs, up to `mostBytes`: whole files, and of the oldest of them the last lines. */
async function newestOf(move: Move, place: LogPlace): Promise<Newest> {
  const cuts: Cut[] = [];
  let left = mostBytes;
  for (const file of await listLogs(move.source.engine, place, move.signal)) {
    if (file.size > left) {
      const isText = place.hasLines && !file.ending.endsWith(".gz");
      if (isText) cuts.push({ file, start: await lineAfter(move, place, file, file.size - left) });
      return { cuts, isAll: false };
    }
    cuts.push({ file, start: 0 });
    left -= file.size;
  }
  return { cuts, isAll: true };
}

/** The first byte of the line after a byte. */
async function lineAfter(
  { source, signal }: Move,
  { folder, newest }: LogPlace,
  { ending }: LogFile,
  byte: number,
): Promise<number> {
  const script = 'tail -c "+$2" -- "$1" | head -n 1 | wc -c';
  return byte + Number(await source.host.script(script, [`${folder}/${newest}${ending}`, String(byte + 1)], { signal }));
}

interface ArrivedLog {
  readonly file: LogFile;
  /** What was copied before the freeze. */
  readonly begun: LogPart | undefined;
  /** What was copied now. */
  readonly rest: LogPart | undefined;
}

/** @returns undefined when a file was changed meanwhile */
async function copyRest(
  move: Move,
  places: Places,
  cuts: readonly Cut[],
  options: SendEncodedOptions,
): Promise<ArrivedLog[] | undefined> {
  const arrived: ArrivedLog[] = [];
  for (const { file, start } of cuts) {
    const copied = move.logs?.find((log) => log.file.head === file.head && log.start + log.part.size <= file.size);
    const offset = copied === undefined ? start : copied.start + copied.part.size;
    const rest = offset < file.size ? await copyPart(move, places, { file, start: offset }, options) : undefined;
    if (rest !== undefined && offset + rest.size < file.size) return;
    arrived.push({ file, begun: copied?.part, rest });
  }
  return arrived;
}

// What is opened stays that file, whatever is rotated meanwhile.
const readScript = `{
  [ "$(head -c ${headBytes} /proc/self/fd/3 | sha256sum | cut -c 1-64)" = "$2" ] || exit 0
  tail -c "+$(($3 + 1))" /proc/self/fd/3 | head -c "$4"
} 3<"$1" || true`;

/** Brings a file's bytes from its start on: fewer than it had where it was cut or rotated meanwhile. */
async function copyPart(move: Move, { from, to }: Places, { file, start }: Cut, options: SendEncodedOptions): Promise<LogPart> {
  const { source, target, signal } = move;
  const parameters = [`${from.folder}/${from.newest}${file.ending}`, file.head, String(start), String(file.size - start)];
  const content = source.host.stream(["sh", "-uc", readScript, "sh", ...parameters], { signal });
  const sum = createHash("sha256");
  let size = 0;
  async function* seen(): AsyncGenerator<Buffer> {
    for await (const piece of content) {
      sum.update(piece);
      size += piece.length;
      yield piece;
    }
  }
  const name = `${to.newest}.part-${randomUUID()}`;
  let arrived = "";
  const sent = await sendEncoded(Readable.from(seen()), options, async (input) => {
    const decoder = options.codec.decoder ?? "cat";
    const script = `umask 077; cd -- "$1"; mkdir -p -- "$(dirname -- "$2")"; ${decoder} >"$2"; sha256sum <"$2" | cut -c 1-64`;
    arrived = await target.host.script(script, [to.folder, name], { input, signal });
  }).catch((error: unknown) => {
    throw sendFailure(error, target.host.name, to.folder, "the container's logs could not be written");
  });
  if (arrived.trim() !== sum.digest("hex")) {
    throw new MigrationError("package-corrupt", "the container's logs did not arrive as they were sent", {
      host: target.host.name,
      remedy: "Look at that machine's disk and file system; then try again.",
    });
  }
  return { name, size, sent };
}

// The same once more, after a link broke, changes nothing.
const nameScript = `cd -- "$1"; newest=$2; shift 2
while [ "$#" -gt 0 ]; do
  if [ -e "$2" ]; then
    if [ -n "$4" ]; then truncate -s "$3" -- "$2"; cat -- "$4" >>"$2"; fi
    chmod 640 -- "$2"
    mv -f -- "$2" "$1"
  fi
  shift 4
done
rm -f -- "$newest".part-*`;

async function nameFiles({ target, signal }: Move, { folder, newest }: LogPlace, logs: readonly ArrivedLog[]): Promise<void> {
  const words = logs.flatMap(({ file, begun, rest }) => {
    const [first, second] = begun === undefined ? [rest, undefined] : [begun, rest];
    return first === undefined ? [] : [`${newest}${file.ending}`, first.name, String(first.size), second?.name ?? ""];
  });
  await target.host.script(nameScript, [folder, newest, ...words], { signal });
}
