import { Readable } from "node:stream";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { openLocalHost } from "../host/local.ts";
import { formatRate } from "../text/bytes.ts";
import { type Codec, type CodecName, codecNames, codecs } from "./codec.ts";
import { countBytes } from "./count-bytes.ts";
import { limitRate } from "./limit-rate.ts";

export interface MeasuredCodec {
  readonly name: CodecName;
  /** Bytes of content that arrive in a second. 0 when it took longer than the best one by far. */
  readonly bytesPerSecond: number;
}

export interface ChosenCodec {
  readonly codec: Codec;
  /** In the order in which they were tried. */
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

/** Milliseconds of sending below which the round trip would be measured rather than the link. */
const enoughMs = 100;
/** How often a sample is repeated at most until it takes long enough. */
const mostRepeats = 16;
/** Bytes. Samples are made of pieces of this size, and thinned out by them. */
const pieceBytes = 64 << 10;

/**
 * Measures with which codec content like the sample arrives soonest: a link may be slower than any compression, or faster, and the
 * other machine may be slow in undoing it.
 * @param sample some MiB of what will be sent
 * @throws MigrationError `target-unreachable`, `cancelled`
 */
export async function chooseCodec(host: Host, sample: Buffer, options: ChooseOptions = {}): Promise<ChosenCodec> {
  if (sample.length === 0) return { codec: codecs.none, measured: [], bytesSent: 0 };
  const { mostBytes = Number.POSITIVE_INFINITY, bytesPerSecond: rate, signal } = options;
  const measured: (MeasuredCodec & { readonly codec: Codec })[] = [];
  const tried = await codecsOfBoth(host, signal);
  let best = 0;
  let bytesSent = 0;
  for (const codec of tried) {
    const limits = { bytesPerSecond: rate, signal, mostBytes: mostBytes / tried.length };
    const { bytesPerSecond, sent } = await measure(host, codec, sample, best, limits);
    measured.push({ name: codec.name, bytesPerSecond, codec });
    best = Math.max(best, bytesPerSecond);
    bytesSent += sent;
  }
  const { codec } = measured.find(({ bytesPerSecond }) => bytesPerSecond === best)!;
  return { codec, measured: measured.map(({ name, bytesPerSecond }) => ({ name, bytesPerSecond })), bytesSent };
}

/** `zstd 80 MiB/s, none 40 MiB/s, gzip slower`. */
export function describeMeasured(measured: readonly MeasuredCodec[]): string {
  return measured
    .map(({ name, bytesPerSecond }) => `${name} ${bytesPerSecond === 0 ? "slower" : formatRate(bytesPerSecond)}`)
    .join(", ");
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
 * @param best bytes per second that another codec has; one that can't reach half of it is given up
 * @returns bytes of content per second, or 0; and the bytes that went over the link
 */
async function measure(
  host: Host,
  codec: Codec,
  sample: Buffer,
  best: number,
  { bytesPerSecond, mostBytes, signal }: ChooseOptions & { readonly mostBytes: number },
): Promise<{ readonly bytesPerSecond: number; readonly sent: number }> {
  // How much it becomes is known only afterwards.
  const content = thinned(sample, mostBytes);
  let sent = 0;
  for (let repeats = 1; ; repeats *= 4) {
    const bytes = content.length * repeats;
    const limit = best === 0 ? undefined : AbortSignal.timeout(Math.ceil(enoughMs + (2 * bytes * 1000) / best));
    const before = sent;
    const counted = countBytes((more) => {
      sent += more;
    });
    const begin = performance.now();
    try {
      const encoded = codec.encode(Readable.from(piecesOf(content, repeats)));
      const input = Readable.from(counted(limitRate(encoded, bytesPerSecond, either(signal, limit))));
      await host.script(`${codec.decoder ?? "cat"} >/dev/null`, [], { input, signal: either(signal, limit) });
    } catch (error) {
      if (limit?.aborted && !signal?.aborted) return { bytesPerSecond: 0, sent };
      throw error;
    }
    const ms = performance.now() - begin;
    const isEnough = ms >= enoughMs || repeats >= mostRepeats || sent + 4 * (sent - before) > mostBytes;
    if (isEnough) return { bytesPerSecond: (bytes / ms) * 1000, sent };
  }
}

/** So many bytes of a sample, evenly spread. */
function thinned(sample: Buffer, bytes: number): Buffer {
  if (sample.length <= bytes) return sample;
  const every = Math.ceil(sample.length / bytes);
  const pieces = Array.from({ length: Math.ceil(sample.length / pieceBytes) }, (_, index) =>
    sample.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  return Buffer.concat(pieces.filter((_, index) => index % every === 0)).subarray(0, bytes);
}

function* piecesOf(sample: Buffer, repeats: number): Generator<Buffer> {
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (let offset = 0; offset < sample.length; offset += 1 << 20) yield sample.subarray(offset, offset + (1 << 20));
  }
}

function either(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  const both = [one, other].filter((signal) => signal !== undefined);
  return both.length === 0 ? undefined : AbortSignal.any(both);
}
