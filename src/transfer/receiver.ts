import type { Readable } from "node:stream";
import type { Host } from "../host/host.ts";
import type { Codec } from "./codec.ts";

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
const tellSizes = 'for file in *; do if [ -f "$file" ]; then wc -c "$file"; fi; done';

/** Makes the folder if need be. @returns how many bytes of which files are there */
export async function readSizes({ host, directory }: Destination, signal?: AbortSignal): Promise<ReadonlyMap<string, number>> {
  return parseSizes(await host.script(`${makeFolder}; ${tellSizes}`, [directory], { signal }));
}

function parseSizes(text: string): Map<string, number> {
  const lines = Array.from(text.matchAll(/^\s*(\d+)\s+(.+)$/gm));
  return new Map(lines.map(([, bytes, name]) => [name!, Number(bytes)]));
}

/**
 * Unpacks into the folder, which is made if need be. What arrives of a file lies in it from its begin on, also when the archive breaks off.
 * @param input a tar archive, as the codec has encoded it
 * @returns how many bytes of which files are there afterwards
 */
export async function receiveArchive(
  { host, directory }: Destination,
  codec: Codec,
  input: Readable,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  return parseSizes(
    await host.script(`${makeFolder}; ${decode(codec)}tar -x -f -; ${tellSizes}`, [directory], { input, signal }),
  );
}

/**
 * Writes a part of a file in its place. What an older connection, cut off meanwhile, may still write are the same bytes in the same place.
 * @param offset a multiple of `blockBytes`
 * @param input what the file has from there on, as the codec has encoded it
 */
export async function receiveFile(
  { host, directory }: Destination,
  codec: Codec,
  { name, offset, input }: { readonly name: string; readonly offset: number; readonly input: Readable },
  signal?: AbortSignal,
): Promise<void> {
  const script = `${begin}; ${decode(codec)}dd of="$2" bs=${blockBytes} seek="$3" conv=notrunc`;
  await host.script(script, [directory, name, String(offset / blockBytes)], { input, signal });
}
