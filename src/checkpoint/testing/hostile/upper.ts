import type { RefusalReason } from "../../archive/refusal.ts";
import { entriesOf, type Parts, tarOf, withContent, zstd } from "../parts.ts";
import { type RawEntry, rawTar } from "../raw-tar.ts";
import type { Mutation } from "./mutation.ts";

type Layer = readonly [what: string, reason: RefusalReason, entries: readonly RawEntry[]];

const evil = Buffer.from("evil");
const sound: readonly RawEntry[] = [
  { name: "./", typeFlag: "5", mode: 0o755 },
  { name: "./etc/", typeFlag: "5", mode: 0o755 },
  { name: "./etc/hosts", content: Buffer.from("127.0.0.1 localhost\n"), mode: 0o644 },
  { name: "./etc/link", typeFlag: "2", linkName: "/etc/hosts" },
  { name: "./etc/gone", typeFlag: "3" },
];

const layers = (outside: string): readonly Layer[] => [
  ["an entry that leads out", "upper-traversal", [{ name: "./../evil", content: evil }]],
  ["an entry that leads far out", "upper-traversal", [{ name: "etc/../../../../evil", content: evil }]],
  ["a folder that leads out", "upper-traversal", [{ name: "../evil/", typeFlag: "5" }]],
  ["a link that leads out by its own name", "upper-traversal", [{ name: "../evil", typeFlag: "2", linkName: "/etc" }]],
  ["an entry with an absolute path", "upper-absolute", [{ name: `${outside}/evil`, content: evil }]],
  ["a folder with an absolute path", "upper-absolute", [{ name: "/evil/", typeFlag: "5" }]],
  [
    "a long path that leads out",
    "upper-traversal",
    [{ name: "x", records: [["path", `./${"a/".repeat(80)}../../evil`]], content: evil }],
  ],
  [
    "a sparse file that leads out",
    "upper-traversal",
    [
      {
        name: "x",
        records: [
          ["GNU.sparse.major", "1"],
          ["GNU.sparse.minor", "0"],
          ["GNU.sparse.name", "../evil"],
          ["GNU.sparse.realsize", "0"],
        ],
        content: sparseMap("0\n"),
      },
    ],
  ],
  [
    "an entry through a link",
    "upper-through-link",
    [
      { name: "./out", typeFlag: "2", linkName: outside },
      { name: "./out/evil", content: evil },
    ],
  ],
  [
    "an entry through a link in the middle",
    "upper-through-link",
    [
      { name: "./etc/out", typeFlag: "2", linkName: "../../../.." },
      { name: "./etc/out/a/b/evil", content: evil },
    ],
  ],
  [
    "a folder through a link",
    "upper-through-link",
    [
      { name: "./out", typeFlag: "2", linkName: outside },
      { name: "./out/evil/", typeFlag: "5" },
    ],
  ],
  [
    "a hard link through a link",
    "upper-through-link",
    [
      { name: "./out", typeFlag: "2", linkName: outside },
      { name: "./out/evil", typeFlag: "1", linkName: "./etc/hosts" },
    ],
  ],
  [
    "a whiteout through a link",
    "upper-through-link",
    [
      { name: "./out", typeFlag: "2", linkName: outside },
      { name: "./out/evil", typeFlag: "3" },
    ],
  ],
  ["a link in the place of a folder", "upper-duplicate", [{ name: "./etc", typeFlag: "2", linkName: outside }]],
  ["a link in the place of a file", "upper-duplicate", [{ name: "./etc/hosts", typeFlag: "2", linkName: `${outside}/evil` }]],
  ["a file twice", "upper-duplicate", [{ name: "etc/hosts", content: evil }]],
  ["a file in the place of a link", "upper-duplicate", [{ name: "./etc/link", content: evil }]],
  ["a folder twice", "upper-duplicate", [{ name: "etc/", typeFlag: "5" }]],
  ["a folder in the place of a file", "upper-duplicate", [{ name: "./etc/hosts/", typeFlag: "5" }]],
  ["a file below a file", "upper-duplicate", [{ name: "./etc/hosts/evil", content: evil }]],
  [
    "a link in the place of a folder that is implied",
    "upper-duplicate",
    [
      { name: "./a/b/c", content: evil },
      { name: "./a/b", typeFlag: "2", linkName: outside },
    ],
  ],
  ["a hard link to a file of the machine", "upper-link-outside", [{ name: "./evil", typeFlag: "1", linkName: "/etc/shadow" }]],
  ["a hard link that leads out", "upper-link-outside", [{ name: "./evil", typeFlag: "1", linkName: "../../etc/shadow" }]],
  [
    "a hard link that leads out and in again",
    "upper-link-outside",
    [{ name: "./evil", typeFlag: "1", linkName: "./etc/../etc/hosts" }],
  ],
  ["a hard link to nothing", "upper-link-outside", [{ name: "./evil", typeFlag: "1", linkName: "./etc/shadow" }]],
  ["a hard link to a symbolic link", "upper-link-outside", [{ name: "./evil", typeFlag: "1", linkName: "./etc/link" }]],
  [
    "a hard link to what comes after it",
    "upper-link-outside",
    [
      { name: "./evil", typeFlag: "1", linkName: "./later" },
      { name: "./later", content: evil },
    ],
  ],
  [
    "a hard link with its target in an extended header",
    "upper-link-outside",
    [{ name: "./evil", typeFlag: "1", linkName: "./etc/hosts", records: [["linkpath", "/etc/shadow"]] }],
  ],
  ["the machine's disk", "upper-device", [{ name: "./disk", typeFlag: "4", major: 8 }]],
  ["the machine's memory", "upper-device", [{ name: "./mem", typeFlag: "3", major: 1, minor: 1 }]],
  ["a block device 0:0", "upper-device", [{ name: "./zero", typeFlag: "4" }]],
  ["a character device 0:1", "upper-device", [{ name: "./zero", typeFlag: "3", minor: 1 }]],
  ["an unknown type", "upper-type", [{ name: "./x", typeFlag: "7" }]],
  ["a continued file", "upper-type", [{ name: "./x", typeFlag: "M" }]],
  [
    "a long name of GNU's old kind",
    "upper-attribute",
    [{ name: "././@LongLink", typeFlag: "L", content: Buffer.from("../evil\0") }],
  ],
  ["a global extended header", "upper-attribute", [{ name: "g", typeFlag: "g" }]],
  ["an attribute of root's", "upper-attribute", [{ name: "./x", records: [["SCHILY.xattr.trusted.evil", "1"]] }]],
  ["an unknown record", "upper-attribute", [{ name: "./x", records: [["EVIL.record", "1"]] }]],
  [
    "two paths",
    "upper-attribute",
    [
      {
        name: "./x",
        records: [
          ["path", "./a"],
          ["path", "../evil"],
        ],
      },
    ],
  ],
  ["a path with a NUL", "upper-corrupt", [{ name: "./x", records: [["path", "./a\0/../../evil"]] }]],
  ["a name without an end", "upper-name", [{ name: "./etc//evil" }]],
  ["a name of dots", "upper-name", [{ name: "./etc/./evil" }]],
  ["a file in place of the root", "upper-name", [{ name: ".", content: evil }]],
  ["a name that no file system has", "upper-name", [{ name: "x", records: [["path", `./${"y".repeat(300)}`]] }]],
  ["an old sparse file", "upper-sparse", [{ name: "./x", typeFlag: "S" }]],
  [
    "a sparse file of an old form",
    "upper-sparse",
    [
      {
        name: "./x",
        records: [
          ["GNU.sparse.major", "0"],
          ["GNU.sparse.minor", "1"],
        ],
      },
    ],
  ],
  ["a sparse file that overlaps itself", "upper-sparse", [sparse("2\n0\n4\n2\n4\n", 8, 8)]],
  ["a sparse file beyond its end", "upper-sparse", [sparse("1\n100\n4\n", 4, 8)]],
  ["a sparse file with more than its pieces", "upper-sparse", [sparse("1\n0\n4\n", 8, 8)]],
  ["a sparse file without an end of its map", "upper-sparse", [sparse("999999\n0\n0\n", 0, 8)]],
  ["a sparse file with a map of letters", "upper-corrupt", [sparse("x\n", 0, 8)]],
  ["a sparse file of 10^17 bytes", "upper-corrupt", [sparse("0\n", 0, 1e17)]],
  ["a negative size", "upper-corrupt", [{ name: "./x", edit: (header) => header.fill(0xff, 124, 136) }]],
  ["a wrong checksum", "upper-corrupt", [{ name: "./x", spoil: (header) => header.fill(0x37, 148, 150) }]],
  ["a symbolic link with content", "upper-corrupt", [{ name: "./x", typeFlag: "2", linkName: "y", content: evil }]],
];

function sparseMap(text: string): Buffer {
  return Buffer.from(text.padEnd(512, "\0"), "latin1");
}

function sparse(map: string, bytes: number, realSize: number): RawEntry {
  return {
    name: "./GNUSparseFile.1/x",
    records: [
      ["GNU.sparse.major", "1"],
      ["GNU.sparse.minor", "0"],
      ["GNU.sparse.name", "./x"],
      ["GNU.sparse.realsize", String(realSize)],
    ],
    content: Buffer.concat([sparseMap(map), Buffer.alloc(bytes)]),
  };
}

/** Writable layers that would reach out of their folder. All sums are right. */
export function upperMutations(parts: Parts, outside: string): Mutation[] {
  const with_ = (name: string, expected: RefusalReason, upper: Buffer, more: Partial<Mutation> = {}): Mutation => ({
    name: `a writable layer with ${name}`,
    expected,
    archive: () => {
      const changed = withContent(parts, "upper.tar", upper);
      return zstd(tarOf(changed.manifest, entriesOf(changed)));
    },
    ...more,
  });
  const whole = rawTar(sound);
  return [
    ...layers(outside).map(([what, reason, entries]) => with_(what, reason, rawTar([...sound, ...entries]))),
    // Those need nothing before them.
    ...layers(outside)
      .slice(0, 13)
      .map(([what, reason, entries]) => with_(`${what}, and nothing else`, reason, rawTar(entries))),
    with_("no end", "upper-corrupt", whole.subarray(0, -512)),
    with_("half of itself", "upper-corrupt", whole.subarray(0, 700)),
    with_("nothing at all", "upper-corrupt", Buffer.alloc(0)),
    with_("data after its end", "upper-corrupt", Buffer.concat([whole, Buffer.from("x")])),
    with_("another layer after its end", "upper-corrupt", Buffer.concat([whole, whole])),
    with_("zeros without end", "upper-corrupt", Buffer.concat([whole, Buffer.alloc(20_000)])),
    with_("too many files", "upper-too-many", whole, { limits: { rootfsEntries: 3 } }),
    with_("too many letters", "upper-too-many", whole, { limits: { rootfsNameBytes: 10 } }),
  ];
}
