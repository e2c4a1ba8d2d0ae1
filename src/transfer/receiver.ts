import type { Readable } from "node:stream";
import type { Host } from "../host/host.ts";
import type { Codec } from "./codec.ts";
import type { SendWindow } from "./send-window.ts";

/** Bytes. A file is gone on with at a multiple of it: `dd` counts in blocks. */
export const blockBytes = 1 << 20;

/** A folder of another machine into which files are sent. */
export interface Destination {
  readonly host: Host;
  /** Absolute path. */
  readonly directory: string;
}

// Any POSIX shell and busybox's or toybox's tools will do. What is written can be read by its user only, from its first byte on.
const begin = 'set -eu; umask 077; cd "$1"';
const decode = ({ decoder }: Codec): string => (decoder === undefined ? "" : `${decoder} | `);

const makeFolder = 'umask 077; mkdir -p "$1"; chmod 700 "$1"; cd "$1"';
// One program for all files. Of several it tells the total, too, under a name that no file here has.
const tellSizes = 'set --; for file in *; do if [ -f "$file" ]; then set -- "$@" "$file"; fi; done; [ $# -eq 0 ] || wc -c "$@"';

// What has been taken is told by dots, one for so many bytes. GNU tar can do that by itself, where it takes in whole
// records (-B); of 64 KiB (-b 128), which takes half the time of its own 10 KiB. Another tar is said to tell nothing.
const recordBytes = 128 * 512;
const recordsPerDot = 16;
const extract = `case $(tar --version 2>/dev/null) in
*GNU*) tar -x -B -b 128 -f - --checkpoint=${recordsPerDot} --checkpoint-action=dot;;
*) echo untold; tar -x -f -;;
esac`;

const blocksPerDot = 2;
const writeBlocks = `block=$3
while :; do
  said=$(dd of="$2" bs=${blockBytes} count=${blocksPerDot} seek="$block" iflag=fullblock conv=notrunc 2>&1) || { echo "$said" >&2; exit 1; }
  case $said in 0+0*) exit;; esac
  printf .
  block=$((block + ${blocksPerDot}))
done`;

/** Makes the folder if need be. @returns how many bytes of which files are there */
export async function readSizes({ host, directory }: Destination, signal?: AbortSignal): Promise<ReadonlyMap<string, number>> {
  return parseSizes(await host.script(`${makeFolder}; ${tellSizes}`, [directory], { signal }));
}

function parseSizes(text: string): Map<string, number> {
  const lines = Array.from(text.matchAll(/^\s*(\d+)\s+(.+)$/gm));
  return new Map(lines.map(([, bytes, name]) => [name!, Number(bytes)]));
}

/** What comes over the link, and what is told of it. */
export interface Incoming {
  /** As the codec has encoded it. */
  readonly input: Readable;
  readonly window: SendWindow;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks a tar archive into the folder, which is made if need be. What arrives of a file lies in it from its begin on, also when the archive breaks off.
 * @returns how many bytes of which files are there afterwards
 */
export async function receiveArchive(
  { host, directory }: Destination,
  codec: Codec,
  incoming: Incoming,
): Promise<ReadonlyMap<string, number>> {
  const script = `${makeFolder}; ${decode(codec)}{ ${extract}; }; echo; ${tellSizes}`;
  return parseSizes(await receive(host, script, [directory], incoming, recordsPerDot * recordBytes));
}

/**
 * Writes a part of a file in its place. What an older connection, cut off meanwhile, may still write are the same bytes in the same place.
 * @param offset a multiple of `blockBytes`. What comes is what the file has from there on
 */
export async function receiveFile(
  { host, directory }: Destination,
  codec: Codec,
  { name, offset }: { readonly name: string; readonly offset: number },
  incoming: Incoming,
): Promise<void> {
  const script = `${begin}; ${decode(codec)}{ ${writeBlocks}; }`;
  await receive(host, script, [directory, name, String(offset / blockBytes)], incoming, blocksPerDot * blockBytes);
}

/** Runs a script that tells what it takes by dots in its first line. @returns what it says beside them */
async function receive(
  host: Host,
  script: string,
  parameters: readonly string[],
  { input, window, signal }: Incoming,
  bytesPerDot: number,
): Promise<string> {
  let said = "";
  try {
    for await (const piece of host.stream(["sh", "-eu", "-c", script, "sh", ...parameters], { input, signal })) {
      const dots = said.includes("\n") ? 0 : (/^\.*/.exec(String(piece))?.[0].length ?? 0);
      window.taken(dots * bytesPerDot);
      said += String(piece).slice(dots);
      if (said.startsWith("untold")) window.open();
    }
  } finally {
    window.open();
  }
  return said;
}
