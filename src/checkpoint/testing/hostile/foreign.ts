import { gzipSync } from "node:zlib";
import type { RefusalReason } from "../../archive/refusal.ts";
import { configuration, json, podmanLayout, specification } from "../foreign-layout.ts";
import { type Parts, zstd } from "../parts.ts";
import { type RawEntry, rawTar } from "../raw-tar.ts";
import { inserted, type Mutation, places } from "./mutation.ts";

const evil = Buffer.from("evil");

/** Fields of podman's record that are of another type or form. */
const badConfigurations: readonly (readonly [string, object])[] = [
  ["an image id that leads out", { rootfsImageID: "../../evil" }],
  ["an image's name that is a number", { rootfsImageName: 1 }],
  ["an image's name that leads out", { rootfsImageName: "web/../../containers/json?all=1" }],
  ["an image's name that commands a terminal", { rootfsImageRef: "web\u001b[2J" }],
  ["privileges that are text", { privileged: "yes" }],
  ["ports that are text", { newPortMappings: "80" }],
  ["ports without end", { newPortMappings: [{ container_port: 1, host_port: 1, range: 1e9 }] }],
  ["a port that is negative", { newPortMappings: [{ container_port: -1 }] }],
  ["a port of another protocol", { newPortMappings: [{ container_port: 1, protocol: "tcp,evil" }] }],
  ["networks that are numbers", { networks: [1] }],
  ["volumes without a place", { namedVolumes: [{ volumeName: "evil" }] }],
  ["volumes at a relative place", { namedVolumes: [{ volumeName: "evil", dest: "etc" }] }],
  ["labels that are numbers", { labels: { a: 1 } }],
  ["a health check of numbers", { healthcheck: { Test: [1] } }],
  ["a signal below none", { stopSignal: -1 }],
  ["a mapping of ids that is a list", { idMappingsOptions: [] }],
  ["a pod that is a number", { netNsCtr: 1 }],
  ["groups that are numbers", { groups: [0] }],
];

/** Fields of the OCI configuration that are of another type or form. */
const badSpecifications: readonly (readonly [string, object])[] = [
  ["a host's name that is a number", { hostname: 1 }],
  ["a user below none", { process: { ...specification.process, user: { uid: -1 } } }],
  ["a folder to work in that is a list", { process: { ...specification.process, cwd: ["/"] } }],
  ["capabilities that are none", { process: { ...specification.process, capabilities: { bounding: ["ALL"] } } }],
  ["limits that are text", { process: { ...specification.process, rlimits: [{ type: "RLIMIT_CORE", soft: "1", hard: "1" }] } }],
  ["limits of another name", { process: { ...specification.process, rlimits: [{ type: "../core", soft: 1, hard: 1 }] } }],
  ["a mount at a relative place", { mounts: [{ destination: "etc", type: "bind", source: "/" }] }],
  ["a mount with options that are numbers", { mounts: [{ destination: "/etc", options: [1] }] }],
  ["namespaces that are text", { linux: { namespaces: "pid" } }],
  ["a namespace without a type", { linux: { namespaces: [{}] } }],
  ["settings of the kernel that are numbers", { linux: { sysctl: { "kernel.panic": 1 } } }],
  ["resources that are a list", { linux: { resources: [] } }],
  ["hidden paths that are numbers", { linux: { maskedPaths: [1] } }],
];

const link: RawEntry = { name: "dir", typeFlag: "2", linkName: "/" };
const marked = (name: string): RawEntry[] => [{ name: "dir/", typeFlag: "5", mode: 0o755 }, { name }];

/** Layers with OCI's marks of deleted files. */
const whiteouts: readonly (readonly [string, RefusalReason, readonly RawEntry[]])[] = [
  ["a mark of a folder that hides the image's", "upper-name", marked("dir/.wh..wh..opq")],
  ["a mark of nothing", "upper-name", marked("dir/.wh.")],
  ["a mark of the folder itself", "upper-name", marked("dir/.wh..")],
  ["a mark of the folder above", "upper-name", marked("dir/.wh...")],
  ["a mark through a link", "upper-through-link", [link, { name: "dir/.wh.file" }]],
  ["a mark of what is there", "upper-duplicate", [...marked("dir/.wh.file"), { name: "dir/file", content: evil }]],
];

/** Layers that don't agree with a list of deleted files that has dir/file. */
const deletedToo: readonly (readonly [string, RefusalReason, readonly RawEntry[]])[] = [
  ["deleted.files leads through a link", "upper-through-link", [link]],
  ["deleted.files leads through a file", "upper-duplicate", [{ name: "dir", content: evil }]],
  ["deleted.files names a file that is there", "upper-duplicate", [{ name: "dir/file", content: evil }]],
  ["deleted.files names a folder that is there", "upper-duplicate", [{ name: "dir/file/x", content: evil }]],
];

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
    ...badConfigurations.map(([what, value]) => whole(what, "record-invalid", config({ ...configuration, ...value }))),
    ...badSpecifications.map(([what, value]) => whole(what, "record-invalid", spec({ ...specification, ...value }))),
    ...["{", "{}", "[1]", '"pipe:[1]"'].map((text) =>
      whole(`descriptors.json is ${text}`, "record-invalid", replace("checkpoint/descriptors.json", Buffer.from(text))),
    ),
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
    ...whiteouts.map(([what, expected, layer]) => whole(what, expected, replace("rootfs-diff.tar", rawTar(layer)))),
    ...deletedToo.map(([what, expected, layer]) =>
      whole(
        what,
        expected,
        replace("rootfs-diff.tar", rawTar(layer)).map((entry) =>
          entry.name === "deleted.files" ? { name: entry.name, content: json(["/dir/file"]) } : entry,
        ),
      ),
    ),
    whole(
      "a compressed layer that leads out",
      "upper-traversal",
      replace("rootfs-diff.tar", gzipSync(rawTar([{ name: "../evil" }]))),
    ),
    whole("a compressed layer that is cut short", "truncated", replace("rootfs-diff.tar", gzipSync(rawTar([])).subarray(0, -9))),
    whole("a compressed layer of 100 MB", "too-large", replace("rootfs-diff.tar", gzipSync(Buffer.alloc(100e6))), {
      limits: { totalBytes: 50e6 },
    }),
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
