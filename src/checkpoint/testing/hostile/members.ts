import type { RefusalReason } from "../../archive/refusal.ts";
import { entriesOf, type Parts, sha256, tarOf, zstd } from "../parts.ts";
import type { RawEntry } from "../raw-tar.ts";
import { inserted, type Mutation, places, replaced } from "./mutation.ts";

/** A name that no member may have, and why. */
type BadName = readonly [name: string, reason: RefusalReason];

const badNames = (outside: string): BadName[] => [
  ["../evil", "path-traversal"],
  ["../../../../../../etc/evil", "path-traversal"],
  ["images/../../evil", "path-traversal"],
  ["images/..", "path-traversal"],
  [`${outside}/evil`, "absolute-path"],
  ["/evil", "absolute-path"],
  ["//evil", "absolute-path"],
  ["images//core-1.img", "bad-name"],
  ["./evil", "bad-name"],
  ["images/./core-1.img", "bad-name"],
  ["images\\..\\evil", "bad-name"],
  ["evil\n", "bad-name"],
  ["images/\u001b[2Jevil.img", "bad-name"],
  ["images/", "bad-name"],
];

/** Members with bad names, members too many, too few, out of order. @param outside a folder that must stay as it is */
export function nameMutations(parts: Parts, outside: string): Mutation[] {
  const entries = entriesOf(parts);
  const withNames = badNames(outside).flatMap(([name, expected]) => [
    ...places(entries.length).map(([where, index]) =>
      insert(parts, `member ${JSON.stringify(name)}`, where, index, { name, content: Buffer.from("evil") }, expected),
    ),
    listed(parts, name, expected),
  ]);
  const extra: BadName[] = [
    ["evil.sh", "unlisted-member"],
    ["images/evil.img", "unlisted-member"],
    ["images/deep/evil.img", "unlisted-member"],
    [`executables/${"0".repeat(64)}`, "unlisted-member"],
    ["manifest.json", "manifest-twice"],
    ["Upper.tar", "name-collision"],
    ["IMAGES/INVENTORY.IMG", "name-collision"],
    ["ｕpper.tar", "name-collision"],
    ["config.dump", "unlisted-member"],
  ];
  const unknown = [
    "evil.sh",
    "images/deep/evil.img",
    "images/evil.sh",
    "executables/ls",
    "image/layer.tar",
    "volumes/x.tar",
    "images/.hidden.img",
  ];
  return [
    ...withNames,
    ...extra.flatMap(([name, expected]) =>
      places(entries.length)
        .slice(1)
        .map(([where, index]) => insert(parts, `member ${name}`, where, index, { name, content: Buffer.from("evil") }, expected)),
    ),
    ...unknown.map((name) => listed(parts, name, "unknown-member")),
    listed(parts, "images/INVENTORY.img", "name-collision"),
    listed(parts, "images/inventory.img", "duplicate-member"),
    listed(parts, `images/${"x".repeat(300)}.img`, "name-too-long"),
    listed(parts, `executables/${"a".repeat(64)}`, "wrong-sum"),
    ...pairs(["images/\u00e9.img", "images/e\u0301.img"]).map(([first, second]) => twins(parts, first, second)),
    ...[0, entries.length >> 1, entries.length - 1].flatMap((index) => [missing(parts, index), twice(parts, index)]),
    ...[1, entries.length >> 1].map((index) => swapped(parts, index)),
    {
      name: "the manifest is not the first member",
      expected: "manifest-missing",
      archive: () => zstd(withoutManifest(parts)),
    },
  ];
}

const pairs = (names: readonly [string, string]): [string, string][] => [[...names], [names[1], names[0]]];

function withoutManifest(parts: Parts): Buffer {
  const tar = tarOf(parts.manifest, entriesOf(parts));
  const size = Number.parseInt(tar.subarray(124, 135).toString(), 8);
  return tar.subarray(512 + Math.ceil(size / 512) * 512);
}

function insert(parts: Parts, what: string, where: string, index: number, entry: RawEntry, expected: RefusalReason): Mutation {
  return {
    name: `${what}, ${where}`,
    expected,
    archive: () => zstd(tarOf(parts.manifest, inserted(entriesOf(parts), index, entry))),
  };
}

/** The manifest tells of it, too. */
function listed(parts: Parts, name: string, expected: RefusalReason): Mutation {
  const content = Buffer.from("evil");
  const member = { path: name, size: content.length, mode: 0o600, sha256: sha256(content) };
  const manifest = { ...parts.manifest, members: [...parts.manifest.members, member] };
  return {
    name: `member ${JSON.stringify(name.slice(0, 40))} that the manifest tells of`,
    expected,
    archive: () => zstd(tarOf(manifest, [...entriesOf(parts), { name: name.slice(0, 99), content }])),
  };
}

function twins(parts: Parts, first: string, second: string): Mutation {
  const members = [first, second].map((path) => ({ path, size: 0, mode: 0o600, sha256: sha256(Buffer.alloc(0)) }));
  const manifest = { ...parts.manifest, members: [...parts.manifest.members, ...members] };
  const entries = [first, second].map((name) => ({ name }));
  return {
    name: `two members of the same letters, ${JSON.stringify(first.normalize("NFC") === first ? "composed" : "decomposed")} first`,
    expected: "name-collision",
    archive: () => zstd(tarOf(manifest, [...entriesOf(parts), ...entries])),
  };
}

function missing(parts: Parts, index: number): Mutation {
  const entries = entriesOf(parts);
  return {
    name: `${entries[index]!.name} is missing`,
    expected: "missing-member",
    archive: () => zstd(tarOf(parts.manifest, entries.toSpliced(index, 1))),
  };
}

function twice(parts: Parts, index: number): Mutation {
  const entries = entriesOf(parts);
  return {
    name: `${entries[index]!.name} comes twice`,
    expected: "duplicate-member",
    archive: () => zstd(tarOf(parts.manifest, [...entries, entries[index]!])),
  };
}

function swapped(parts: Parts, index: number): Mutation {
  const entries = entriesOf(parts);
  const [first, second] = [entries[index - 1]!, entries[index]!];
  return {
    name: `${first.name} and ${second.name} have changed places`,
    expected: "member-order",
    archive: () => zstd(tarOf(parts.manifest, replaced(replaced(entries, index - 1, second), index, first))),
  };
}
