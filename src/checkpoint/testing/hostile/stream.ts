import { gzipSync } from "node:zlib";
import { entriesOf, type Parts, tarOf, zstd } from "../parts.ts";
import type { Mutation } from "./mutation.ts";

/** The compressed stream is cut, goes on after its end, or is damaged. */
export function streamMutations(parts: Parts): Mutation[] {
  const tar = tarOf(parts.manifest, entriesOf(parts));
  const forms = [
    ["zstd", zstd(tar)],
    ["gzip", gzipSync(tar)],
    ["none", tar],
  ] as const;
  return [
    ...forms.flatMap(([form, bytes]) => [...cut(form, bytes), ...longer(form, bytes)]),
    ...damaged(forms[0][1], forms[1][1]),
    ...noArchive(),
  ];
}

function cut(form: string, bytes: Buffer): Mutation[] {
  const least = form === "none" ? 512 : 20;
  const lengths = [
    least,
    ...[1, 3, 5, 7, 9].map((tenth) => Math.floor((bytes.length * tenth) / 10)),
    bytes.length - 1,
    bytes.length - 5,
  ];
  return lengths.map((length) => ({
    name: `${form}: cut to ${length} bytes`,
    expected: "truncated",
    archive: () => bytes.subarray(0, form === "none" && length > bytes.length - 512 ? bytes.length - 512 - 1 : length),
  }));
}

function longer(form: string, bytes: Buffer): Mutation[] {
  const emptySkippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
  const more = [
    ["a byte", Buffer.from("x")],
    ["text", Buffer.from("and more".repeat(1000))],
    ["another archive", bytes],
    ["zeros", Buffer.alloc(200_000)],
    ["a frame that is skipped", emptySkippable],
    ["an empty frame", zstd(Buffer.alloc(0))],
  ] as const;
  return more.map(([what, tail]) => ({
    name: `${form}: ${what} follows`,
    // To zlib a single byte is the begin of another member.
    expected: form === "gzip" && tail.length === 1 ? "truncated" : "trailing-data",
    archive: () => Buffer.concat([bytes, tail]),
  }));
}

function damaged(zstdBytes: Buffer, gzipBytes: Buffer): Mutation[] {
  const edit = (bytes: Buffer, change: (copy: Buffer) => void) => () => {
    const copy = Buffer.from(bytes);
    change(copy);
    return copy;
  };
  // 4 bytes of magic, the descriptor, then (one segment) the size, or the window and the size.
  const headerEnd =
    5 + ((zstdBytes[4]! & 0x20) !== 0 ? 0 : 1) + [(zstdBytes[4]! & 0x20) !== 0 ? 1 : 0, 2, 4, 8][zstdBytes[4]! >> 6]!;
  const flip = (offset: number, mask: number) => (copy: Buffer) => copy.writeUInt8(copy.readUInt8(offset) ^ mask, offset);
  return [
    { name: "zstd: reserved bit of the frame", expected: "compression-corrupt", archive: edit(zstdBytes, flip(4, 8)) },
    { name: "zstd: a dictionary", expected: "compression-corrupt", archive: edit(zstdBytes, flip(4, 1)) },
    {
      name: "zstd: reserved kind of block",
      expected: "compression-corrupt",
      archive: edit(zstdBytes, (copy) => copy.writeUInt8(copy.readUInt8(headerEnd) | 6, headerEnd)),
    },
    {
      name: "zstd: a block that is too large",
      expected: "compression-corrupt",
      archive: edit(zstdBytes, (copy) => copy.writeUInt8(0xff, headerEnd + 2)),
    },
    { name: "zstd: wrong checksum", expected: "compression-corrupt", archive: edit(zstdBytes, flip(zstdBytes.length - 1, 1)) },
    {
      name: "zstd: no bytes of the first block",
      expected: "compression-corrupt",
      archive: edit(zstdBytes, (copy) => copy.fill(0xff, headerEnd + 3, headerEnd + 103)),
    },
    // One segment, 8 bytes of size: 2^40. And a window of 2^41.
    {
      name: "zstd: a segment of a terabyte",
      expected: "compression-window",
      archive: () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]),
    },
    {
      name: "zstd: a window of two terabytes",
      expected: "compression-window",
      archive: () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0xf8, 1, 0, 0]),
    },
    {
      name: "zstd: a window of 256 MiB",
      expected: "compression-window",
      archive: () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 18 << 3, 1, 0, 0]),
    },
    { name: "gzip: wrong checksum", expected: "compression-corrupt", archive: edit(gzipBytes, flip(gzipBytes.length - 6, 1)) },
    { name: "gzip: wrong length", expected: "compression-corrupt", archive: edit(gzipBytes, flip(gzipBytes.length - 1, 1)) },
    { name: "gzip: unknown method", expected: "compression-corrupt", archive: edit(gzipBytes, (copy) => copy.writeUInt8(7, 2)) },
    { name: "gzip: damaged data", expected: "compression-corrupt", archive: edit(gzipBytes, (copy) => copy.fill(0xff, 10, 60)) },
  ];
}

function noArchive(): Mutation[] {
  const files = [
    ["nothing", Buffer.alloc(0)],
    ["three bytes of zstd", Buffer.from([0x28, 0xb5, 0x2f])],
    ["text", Buffer.from("no archive at all\n".repeat(100))],
    ["zeros", Buffer.alloc(10_240)],
    ["a compressed text", zstd(Buffer.from("no tar"))],
    ["a zip file", Buffer.from("PK\x03\x04".padEnd(600, "x"))],
  ] as const;
  return files.map(([what, bytes]) => ({
    name: `${what} in place of an archive`,
    expected: what === "a compressed text" ? "truncated" : "not-an-archive",
    archive: () => bytes,
  }));
}
