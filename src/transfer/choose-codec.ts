import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { openLocalHost } from "../host/local.ts";
import { formatRate } from "../text/bytes.ts";
import { type Codec, type CodecName, codecNames, codecs } from "./codec.ts";
import { pieceBytes } from "./piece-pool.ts";

export interface MeasuredCodec {
  readonly name: CodecName;
  /** Bytes of content that will arrive in a second. */
  readonly bytesPerSecond: number;
}

export interface ChosenCodec {
  readonly codec: Codec;
  /** All that both machines have. */
  readonly measured: readonly MeasuredCodec[];
  /** Bytes that went over the link for it. */
  readonly bytesSent: number;
}

export interface ChooseOptions {
  readonly bytesPerSecond?: number | undefined;
  /** Bytes that may go over the link for it. Default: as many as make it exact. */
  readonly mostBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes. */
const leastForMeasuring = 1 << 20;
/** Part of what will be sent. */
const shareForMeasuring = 64;

/** What measuring may cost over the link, where so many bytes will be sent: of few, a bad choice costs little. */
export function mostForMeasuring(bytes: number): number {
  return Math.max(leastForMeasuring, bytes / shareForMeasuring);
}

/** Bytes. More would not make it more exact. */
const enoughForMeasuring = 8 << 20;
/** Milliseconds of compressing below which the start would be measured rather than the speed. */
const enoughMs = 50;
/** How often a sample is repeated at most until it takes long enough. */
const mostRepeats = 16;

/**
 * Measures with which codec content like the sample arrives soonest: what each makes of it here, how fast, and what the link lets through. That the
 * other machine undoes it as fast is assumed: each decoder is faster than its encoder.
 * @param sample some MiB of what will be sent
 * @throws MigrationError `target-unreachable`, `cancelled`
 */
export async function chooseCodec(host: Host, sample: Buffer, options: ChooseOptions = {}): Promise<ChosenCodec> {
  if (sample.length === 0) return { codec: codecs.none, measured: [], bytesSent: 0 };
  const { bytesPerSecond: limit = Number.POSITIVE_INFINITY, mostBytes = enoughForMeasuring, signal } = options;
  const tried = await codecsOfBoth(host, signal);
  const link = await measureLink(host, Math.floor(Math.min(mostBytes, enoughForMeasuring)), signal);
  const rate = Math.min(link.bytesPerSecond, limit);
  const measured: MeasuredCodec[] = [];
  for (const codec of tried) {
    const { bytesPerSecond, share } = await measureEncoder(codec, sample, signal);
    measured.push({ name: codec.name, bytesPerSecond: Math.min(bytesPerSecond, rate / share) });
  }
  const best = measured.reduce((one, other) => (other.bytesPerSecond > one.bytesPerSecond ? other : one));
  return { codec: codecs[best.name], measured, bytesSent: link.sent };
}

/** `zstd 80 MiB/s, none 40 MiB/s`. */
export function describeMeasured(measured: readonly MeasuredCodec[]): string {
  return measured.map(({ name, bytesPerSecond }) => `${name} ${formatRate(bytesPerSecond)}`).join(", ");
}

/**
 * The codec that the user names.
 * @throws MigrationError `usage` when one of the machines has no program for it
 */
export async function namedCodec(host: Host, name: CodecName, signal?: AbortSignal): Promise<Codec> {
  if ((await codecsOfBoth(host, signal)).some((codec) => codec.name === name)) return codecs[name];
  throw new MigrationError("usage", `one of the machines has no program \`${name}\``, {
    host: host.name,
    remedy: `Install ${name} on both, or leave the choice to the tool (\`--compression auto\`).`,
  });
}

/** The codecs for which both machines have what is needed. */
async function codecsOfBoth(host: Host, signal: AbortSignal | undefined): Promise<Codec[]> {
  const programs = Object.values(codecs).flatMap(({ decoder }) => decoder?.split(" ", 1) ?? []);
  const there = await programsOf(host, programs, signal);
  const here = await programsOf(openLocalHost(), programs, signal);
  return codecNames
    .map((name) => codecs[name])
    .filter(
      ({ encoder, decoder }) =>
        (encoder === undefined || here.has(encoder)) && (decoder === undefined || there.has(decoder.split(" ", 1)[0]!)),
    );
}

async function programsOf(
  host: Host,
  programs: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const script = 'for program in "$@"; do if command -v "$program" >/dev/null; then echo "$program"; fi; done';
  return new Set((await host.script(script, programs, { signal })).split("\n"));
}

/**
 * What the link lets through in a second: by how much longer it takes for more bytes, so that neither a command's start counts nor what a link
 * takes in at once. They can't be compressed, whatever the link itself does.
 * @param bytes that may be sent
 */
async function measureLink(
  host: Host,
  bytes: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytesPerSecond: number; readonly sent: number }> {
  const few = Math.floor(bytes / 8);
  const many = bytes - 2 * few;
  const noise = randomBytes(many);
  const timeOf = async (count: number): Promise<number> => {
    const begin = performance.now();
    await host.script("cat >/dev/null", [], { input: noise.subarray(0, count), signal });
    return performance.now() - begin;
  };
  const shortest = Math.min(await timeOf(few), await timeOf(few));
  const longer = await timeOf(many);
  const bytesPerSecond = (1000 * (many - few)) / Math.max(longer - shortest, 1);
  return { bytesPerSecond, sent: bytes };
}

/** @returns bytes of content per second, and what part of them is to be sent */
async function measureEncoder(
  codec: Codec,
  sample: Buffer,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytesPerSecond: number; readonly share: number }> {
  for (let repeats = 1; ; repeats *= 4) {
    let encoded = 0;
    const begin = performance.now();
    for await (const piece of codec.encode(Readable.from(piecesOf(sample, repeats)))) {
      signal?.throwIfAborted();
      encoded += (piece as Buffer).length;
    }
    const ms = performance.now() - begin;
    const bytes = sample.length * repeats;
    if (ms >= enoughMs || repeats >= mostRepeats) return { bytesPerSecond: (1000 * bytes) / ms, share: encoded / bytes };
  }
}

function* piecesOf(sample: Buffer, repeats: number): Generator<Buffer> {
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (let offset = 0; offset < sample.length; offset += pieceBytes) yield sample.subarray(offset, offset + pieceBytes);
  }
}
