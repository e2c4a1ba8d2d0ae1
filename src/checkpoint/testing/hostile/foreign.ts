import type { RefusalReason } from "../../archive/refusal.ts";
import { configuration, json, podmanLayout, specification } from "../foreign-layout.ts";
import { type Parts, zstd } from "../parts.ts";
import { type RawEntry, rawTar } from "../raw-tar.ts";
import { inserted, type Mutation, places } from "./mutation.ts";

const evil = Buffer.from("evil");

/** Archives in podman's layout, which have no sums: only names, kinds and sizes can be checked. @param outside must stay as it is */
export function foreignMutations(parts: Parts, outside: string): Mutation[] {
  const entries: RawEntry[] = podmanLayout(parts);
  const whole = (
    name: string,
    expected: Mutation["expected"],
    changed: readonly RawEntry[],
    more: Partial<Mutation> = {},
  ): Mutation => ({
    name: `podman's archive: ${name}`,
    expected,
    archive: () => zstd(rawTar(changed)),
    ...more,
  });
  const extra: readonly (readonly [string, RefusalReason, RawEntry])[] = [
    ["a member that leads out", "path-traversal", { name: "../evil", content: evil }],
    ["an image that leads out", "path-traversal", { name: "checkpoint/../../evil.img", content: evil }],
    [
      "a member that leads out by an extended header",
      "path-traversal",
      { name: "x", records: [["path", "checkpoint/../../evil"]], content: evil },
    ],
    ["an absolute path", "absolute-path", { name: `${outside}/evil`, content: evil }],
    [
      "an absolute path in an extended header",
      "absolute-path",
      { name: "x", records: [["path", `${outside}/evil`]], content: evil },
    ],
    ["an unknown member", "unknown-member", { name: "evil.sh", content: evil }],
    ["an unknown folder", "unknown-member", { name: "evil/", typeFlag: "5" }],
    ["an image in a folder below", "unknown-member", { name: "checkpoint/deep/core-1.img", content: evil }],
    ["a program among the images", "unknown-member", { name: "checkpoint/evil.sh", content: evil }],
    ["a volume that is no archive", "unknown-member", { name: "volumes/evil.sh", content: evil }],
    ["a symbolic link", "link-member", { name: "artifacts", typeFlag: "2", linkName: outside }],
    ["a link in place of the folder of images", "link-member", { name: "checkpoint", typeFlag: "2", linkName: outside }],
    [
      "a link to the images of a dump before",
      "link-member",
      { name: "checkpoint/parent", typeFlag: "2", linkName: "../pre-checkpoint" },
    ],
    ["a link in place of its log", "link-member", { name: "container.log", typeFlag: "2", linkName: "/etc/shadow" }],
    ["a hard link", "link-member", { name: "dump.log", typeFlag: "1", linkName: "/etc/shadow" }],
    ["a device", "device-member", { name: "ctr.log", typeFlag: "3", major: 1, minor: 1 }],
    ["a fifo", "device-member", { name: "status", typeFlag: "6" }],
    ["a capital letter too many", "name-collision", { name: "checkpoint/INVENTORY.img", content: evil }],
    ["a global header", "extended-header", { name: "g", typeFlag: "g" }],
    ["a long name of GNU's", "extended-header", { name: "././@LongLink", typeFlag: "L", content: Buffer.from("../evil\0") }],
    [
      "a sparse file",
      "sparse-member",
      {
        name: "x",
        records: [
          ["GNU.sparse.major", "1"],
          ["GNU.sparse.minor", "0"],
          ["GNU.sparse.name", "dump.log"],
          ["GNU.sparse.realsize", "1"],
        ],
        content: Buffer.alloc(512),
      },
    ],
    ["a negative size", "bad-number", { name: "dump.log", edit: (header) => header.fill(0xff, 124, 136) }],
    ["a record of 100 MB", "too-large", { name: "bind.mounts", edit: (header) => header.write("00575360400\0", 124) }],
    ["more than there is room", "ratio", { name: "dump.log", edit: (header) => header.write("77777777777\0", 124) }],
  ];
  const deleted = ["../../../../etc/passwd", "/../etc/passwd", "/etc/../../x", "", "/", "a//b", "./a", "/a/.", "a\0b"];
  const replace = (name: string, content: Buffer) => entries.map((entry) => (entry.name === name ? { name, content } : entry));
  const config = (value: unknown) => replace("config.dump", json(value));
  const spec = (value: unknown) => replace("spec.dump", json(value));
  const upper = (entry: RawEntry) => replace("rootfs-diff.tar", rawTar([entry]));
  return [
    ...extra.flatMap(([what, expected, entry]) =>
      places(entries.length)
        .slice(1)
        .map(([where, index]) => whole(`${what}, ${where}`, expected, inserted(entries, index, entry))),
    ),
    ...deleted.map((path) =>
      whole(`deleted.files names ${JSON.stringify(path)}`, "deleted-path", replace("deleted.files", json([path]))),
    ),
    whole("deleted.files of objects", "record-invalid", replace("deleted.files", json([{}]))),
    whole("deleted.files that is no JSON", "record-invalid", replace("deleted.files", Buffer.from("/etc"))),
    ...["../../evil", "a/b", "", "-v", "x\n"].map((id) =>
      whole(`the id ${JSON.stringify(id)}`, "bad-id", config({ ...configuration, id })),
    ),
    whole("a name that leads out", "bad-id", config({ ...configuration, name: "../../evil" })),
    whole("an id that is a number", "record-invalid", config({ ...configuration, id: 1 })),
    whole("no configuration", "record-invalid", config(null)),
    whole("arguments that are text", "record-invalid", spec({ ...specification, process: { args: "sh" } })),
    whole("mounts that are numbers", "record-invalid", spec({ ...specification, mounts: [1] })),
    whole("devices without a path", "record-invalid", spec({ ...specification, linux: { devices: [{}] } })),
    ...["config.dump", "spec.dump", "checkpoint/inventory.img"].map((name) =>
      whole(
        `no ${name}`,
        "missing-member",
        entries.filter((entry) => entry.name !== name),
      ),
    ),
    ...["config.dump", "checkpoint/pstree.img", "rootfs-diff.tar"].map((name) =>
      whole(`${name} twice`, "duplicate-member", [...entries, entries.find((entry) => entry.name === name)!]),
    ),
    whole(
      "no process tree",
      "image-corrupt",
      entries.filter(({ name }) => name !== "checkpoint/core-1.img"),
    ),
    whole("a writable layer that leads out", "upper-traversal", upper({ name: "../evil", content: evil })),
    whole("a writable layer with a device", "upper-device", upper({ name: "disk", typeFlag: "4", major: 8 })),
    whole("too many members", "too-many-members", entries, { limits: { members: 5 } }),
    whole("too many bytes", "too-large", entries, { limits: { totalBytes: 10_000 } }),
    whole("no room", "no-room", entries, { limits: { reserveBytes: 2 ** 60 } }),
    { name: "podman's archive: cut short", expected: "truncated", archive: () => zstd(rawTar(entries).subarray(0, -600)) },
    {
      name: "podman's archive: more after its end",
      expected: "trailing-data",
      archive: () => zstd(Buffer.concat([rawTar(entries), Buffer.alloc(512, 1)])),
    },
  ];
}
