import { canonicalJson } from "../../archive/canonical-json.ts";
import { manifestName } from "../../archive/manifest.ts";
import type { RefusalReason } from "../../archive/refusal.ts";
import { entriesOf, type Parts, tarOf, zstd } from "../parts.ts";
import { type RawEntry, rawTar, recordBytes } from "../raw-tar.ts";
import { inserted, type Mutation, places, replaced } from "./mutation.ts";

type Trick = readonly [what: string, reason: RefusalReason, change: (entry: RawEntry) => RawEntry];

const base256 = (value: bigint) => (header: Buffer) => {
  header[124] = value < 0n ? 0xff : 0x80;
  for (let index = 1; index < 12; index++) header[124 + index] = Number((value >> BigInt(8 * (11 - index))) & 0xffn);
};
const size = (text: string) => (header: Buffer) => {
  header.fill(0, 124, 136);
  header.write(text, 124, "latin1");
};

/** What is done to a member's own header. */
const tricks: readonly Trick[] = [
  ["is a symbolic link", "link-member", ({ name }) => ({ name, typeFlag: "2", linkName: "/etc/passwd" })],
  ["is a symbolic link to its neighbour", "link-member", ({ name }) => ({ name, typeFlag: "2", linkName: "container.json" })],
  ["is a hard link", "link-member", ({ name }) => ({ name, typeFlag: "1", linkName: "/etc/passwd" })],
  ["is a character device", "device-member", ({ name }) => ({ name, typeFlag: "3", major: 1, minor: 1 })],
  ["is a whiteout", "device-member", ({ name }) => ({ name, typeFlag: "3" })],
  ["is a block device", "device-member", ({ name }) => ({ name, typeFlag: "4", major: 8 })],
  ["is a fifo", "device-member", ({ name }) => ({ name, typeFlag: "6" })],
  ["is a folder", "member-type", ({ name }) => ({ name, typeFlag: "5" })],
  ["is a contiguous file", "member-type", (entry) => ({ ...entry, typeFlag: "7" })],
  ["is of an old type", "member-type", (entry) => ({ ...entry, typeFlag: "\0" })],
  ["is a volume label", "member-type", (entry) => ({ ...entry, typeFlag: "V" })],
  ["goes on in another volume", "member-type", (entry) => ({ ...entry, typeFlag: "M" })],
  ["is an old sparse file", "sparse-member", (entry) => ({ ...entry, typeFlag: "S" })],
  ["is a global header", "extended-header", (entry) => ({ ...entry, typeFlag: "g" })],
  ["has an extended header", "extended-header", (entry) => ({ ...entry, records: [["mtime", "1"]] })],
  [
    "has its path in an extended header",
    "extended-header",
    (entry) => ({ ...entry, name: "x", records: [["path", entry.name]] }),
  ],
  ["has another path in an extended header", "extended-header", (entry) => ({ ...entry, records: [["path", "../evil"]] })],
  ["has a path with a NUL in an extended header", "bad-name", (entry) => ({ ...entry, records: [["path", `${entry.name}\0x`]] })],
  [
    "has two paths in an extended header",
    "extended-header",
    (entry) => ({
      ...entry,
      records: [
        ["path", entry.name],
        ["path", "x"],
      ],
    }),
  ],
  ["has an unknown record", "extended-header", (entry) => ({ ...entry, records: [["EVIL.record", "1"]] })],
  [
    "has a sparse map",
    "sparse-member",
    (entry) => ({
      ...entry,
      records: [
        ["GNU.sparse.major", "1"],
        ["GNU.sparse.minor", "0"],
        ["GNU.sparse.name", entry.name],
        ["GNU.sparse.realsize", "99999999"],
      ],
    }),
  ],
  [
    "has an old sparse map",
    "sparse-member",
    (entry) => ({
      ...entry,
      records: [
        ["GNU.sparse.major", "0"],
        ["GNU.sparse.minor", "1"],
      ],
    }),
  ],
  ["has a negative size in an extended header", "bad-number", (entry) => ({ ...entry, records: [["size", "-1"]] })],
  ["has a huge size in an extended header", "bad-number", (entry) => ({ ...entry, records: [["size", "99999999999999999999"]] })],
  ["has a negative size", "bad-number", (entry) => ({ ...entry, edit: base256(-512n) })],
  ["has a size of 2^63", "bad-number", (entry) => ({ ...entry, edit: base256(1n << 63n) })],
  ["has a size of 2^80", "bad-number", (entry) => ({ ...entry, edit: base256(1n << 80n) })],
  ["has a size of 2^40", "wrong-size", (entry) => ({ ...entry, edit: base256(1n << 40n) })],
  ["has a size with a sign", "bad-number", (entry) => ({ ...entry, edit: size("-0000000001") })],
  ["has a hexadecimal size", "bad-number", (entry) => ({ ...entry, edit: size("0x1ff") })],
  ["has a size with a point", "bad-number", (entry) => ({ ...entry, edit: size("1.5") })],
  ["has a mode of letters", "bad-number", (entry) => ({ ...entry, edit: (header) => header.write("rwx", 100) })],
  [
    "has a wrong checksum",
    "header-corrupt",
    (entry) => ({ ...entry, spoil: (header) => header.writeUInt8(header.readUInt8(0) ^ 1, 0) }),
  ],
  ["has no checksum", "header-corrupt", (entry) => ({ ...entry, spoil: (header) => header.fill(0, 148, 156) })],
  ["goes on behind the end of its name", "header-corrupt", (entry) => ({ ...entry, edit: (header) => header.write("x", 98) })],
  [
    "has GNU's old format",
    "header-corrupt",
    (entry) => ({ ...entry, edit: (header) => header.write("ustar  \0", 257, "latin1") }),
  ],
  ["has no format", "header-corrupt", (entry) => ({ ...entry, edit: (header) => header.fill(0, 257, 265) })],
  ["has a name that isn't UTF-8", "bad-name", (entry) => ({ ...entry, edit: (header) => header.writeUInt8(0xff, 0) })],
  ["has a prefix that leads out", "path-traversal", (entry) => ({ ...entry, edit: (header) => header.write("../..", 345) })],
  ["has an absolute prefix", "absolute-path", (entry) => ({ ...entry, edit: (header) => header.write("/etc", 345) })],
  [
    "has a size that is one too large",
    "wrong-size",
    (entry) => ({ ...entry, content: Buffer.concat([entry.content ?? Buffer.alloc(0), Buffer.from("x")]) }),
  ],
  ["has no content", "wrong-size", ({ name }) => ({ name })],
  ["may be executed", "wrong-mode", (entry) => ({ ...entry, mode: 0o755 })],
  ["runs as its owner", "wrong-mode", (entry) => ({ ...entry, mode: 0o4600 })],
  ["has another byte", "wrong-sum", (entry) => ({ ...entry, content: flipped(entry.content ?? Buffer.alloc(1)) })],
];

function flipped(content: Uint8Array): Buffer {
  const copy = Buffer.from(content);
  copy[copy.length >> 1]! ^= 1;
  return copy;
}

/** Tricks with headers, on the first, a middle and the last member; long names and headers in between. */
export function headerMutations(parts: Parts): Mutation[] {
  const entries = entriesOf(parts);
  const indexes = [0, entries.length >> 1, entries.length - 1];
  const changed = tricks.flatMap(([what, expected, change]) =>
    indexes.map((index) => ({
      name: `${entries[index]!.name} ${what}`,
      expected,
      archive: () => zstd(tarOf(parts.manifest, replaced(entries, index, change(entries[index]!)))),
    })),
  );
  const manifest: RawEntry = { name: manifestName, content: Buffer.from(canonicalJson(parts.manifest)) };
  const ofManifest = tricks
    .filter(([what]) => /^(is|has a (negative|sparse|wrong|path)|has an ext)/.test(what))
    .map(([what, expected, change]) => ({
      name: `the manifest ${what}`,
      expected,
      archive: () => zstd(rawTar([change(manifest), ...entries])),
    }));
  const between: readonly (readonly [string, RefusalReason, RawEntry])[] = [
    ["a long name of GNU's", "extended-header", { name: "././@LongLink", typeFlag: "L", content: Buffer.from("../../evil\0") }],
    ["a long link of GNU's", "extended-header", { name: "././@LongLink", typeFlag: "K", content: Buffer.from("/etc/passwd\0") }],
    ["a global extended header", "extended-header", { name: "g", typeFlag: "g", content: recordBytes([["path", "../evil"]]) }],
    ["an extended header of 2 MiB", "extended-header", { name: "x", typeFlag: "x", content: Buffer.alloc(2 ** 21, "1") }],
    ["a damaged extended header", "extended-header", { name: "x", typeFlag: "x", content: Buffer.from("99 path=x\n") }],
    ["an extended header without a length", "extended-header", { name: "x", typeFlag: "x", content: Buffer.from("path=x\n") }],
  ];
  const damagedPadding = entries.findIndex(({ content }) => (content?.length ?? 0) % 512 !== 0);
  return [
    ...changed,
    ...ofManifest,
    ...between.flatMap(([what, expected, entry]) =>
      places(entries.length).map(([where, index]) => ({
        name: `${what}, ${where}`,
        expected,
        archive: () => zstd(tarOf(parts.manifest, inserted(entries, index, entry))),
      })),
    ),
    {
      name: "data in the padding of a member",
      expected: "trailing-data",
      archive: () =>
        zstd(
          tarOf(
            parts.manifest,
            replaced(entries, damagedPadding, { ...entries[damagedPadding]!, padding: (bytes) => bytes.fill(1) }),
          ),
        ),
    },
  ];
}
