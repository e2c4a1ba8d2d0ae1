import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { constants, zstdCompressSync } from "node:zlib";
import { canonicalJson } from "../archive/canonical-json.ts";
import { manifestName } from "../archive/manifest.ts";
import { decompressed } from "../layers/compression.ts";
import { ByteReader } from "../tar/byte-reader.ts";
import { readTar } from "../tar/read-tar.ts";
import { type RawEntry, rawTar } from "./raw-tar.ts";

export interface Part {
  readonly name: string;
  readonly content: Buffer;
}

/** A manifest as anything at all. */
export type LooseManifest = Record<string, unknown> & {
  members: { path: string; size: number; mode: number; sha256: string }[];
};

/** The members of an archive, the manifest apart. */
export interface Parts {
  readonly manifest: LooseManifest;
  readonly parts: readonly Part[];
}

/** Takes a sound archive to pieces. */
export async function partsOf(path: string): Promise<Parts> {
  const bytes = await readFile(path);
  await using reader = new ByteReader(decompressed(chunks(bytes), "zstd"));
  const all: Part[] = [];
  for await (const { name, content } of readTar(reader)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(Buffer.from(piece));
    all.push({ name, content: Buffer.concat(pieces) });
  }
  const [manifest, ...parts] = all;
  return { manifest: JSON.parse(manifest!.content.toString()) as LooseManifest, parts };
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** The archive's tar again, with a manifest that is as it should be unless it is given as text. */
export function tarOf(manifest: unknown, entries: readonly RawEntry[]): Buffer {
  const text = typeof manifest === "string" ? manifest : canonicalJson(manifest);
  return rawTar([{ name: manifestName, content: Buffer.from(text) }, ...entries]);
}

export function entriesOf({ parts }: Parts): RawEntry[] {
  return parts.map(({ name, content }) => ({ name, content }));
}

/** The parts with another content for a member, which the manifest knows of. */
export function withContent({ manifest, parts }: Parts, name: string, content: Buffer): Parts {
  return {
    manifest: {
      ...manifest,
      members: manifest.members.map((member) =>
        member.path === name ? { ...member, size: content.length, sha256: sha256(content) } : member,
      ),
    },
    parts: parts.map((part) => (part.name === name ? { name, content } : part)),
  };
}

export function contentOf({ parts }: Parts, name: string): Buffer {
  const part = parts.find((each) => each.name === name);
  if (part === undefined) throw new Error(`the archive has no ${name}`);
  return part.content;
}

export function zstd(bytes: Uint8Array): Buffer {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: 1 } });
}
