import { decodeImage } from "../../../criu/images/decode-image.ts";
import { encodeImage } from "../../../criu/images/encode-image.ts";
import type { EntryOf, ImageKindName } from "../../../criu/images/kinds.ts";
import type { CredsEntry, MntEntry, TaskKobjIdsEntry } from "../../../criu/images/schema/index.ts";
import { podmanLayout } from "../foreign-layout.ts";
import { contentOf, entriesOf, type Parts, sha256, tarOf, withContent, zstd } from "../parts.ts";
import { rawTar } from "../raw-tar.ts";
import type { Mutation } from "./mutation.ts";

const SYS_ADMIN = 1 << 21;

type Change<Kind extends ImageKindName> = (entry: EntryOf<Kind>) => EntryOf<Kind>;

/** Images of processes that CRIU would restore with more of the machine than their container is given; the sums beside them are right. */
export function confinementMutations(parts: Parts): Mutation[] {
  const names = parts.parts.map(({ name }) => name.replace(/^images\//, ""));
  const [core, mounts] = [/^core-1\.img$/, /^mountpoints-\d+\.img$/].map(
    (pattern) => names.find((name) => pattern.test(name))!,
  ) as [string, string];
  const ids = entriesIn(parts, "ids-1.img", "ids")[0]!;
  const shared = (field: keyof TaskKobjIdsEntry) =>
    edited(parts, "inventory.img", "inventory", (entry) => ({ ...entry, root_ids: { ...entry.root_ids!, [field]: ids[field] } }));
  const withCredentials = (change: (credentials: CredsEntry) => Partial<CredsEntry>) =>
    edited(parts, core, "core", (entry) => {
      const { thread_core: thread } = entry;
      return { ...entry, thread_core: { ...thread!, creds: { ...thread!.creds!, ...change(thread!.creds!) } } };
    });
  const withMount = (mount: Partial<MntEntry>) => {
    const all = entriesIn(parts, mounts, "mountpoints");
    const root = all.find(({ mountpoint }) => mountpoint === "/")!;
    const more: MntEntry = {
      ...{ fstype: 5, mnt_id: 9999, root_dev: 9999, parent_mnt_id: root.mnt_id, flags: 0, root: "/", mountpoint: "/evil" },
      ...{ source: "/dev/vda", options: "" },
      ...mount,
    };
    return withImage(parts, mounts, "mountpoints", [...all, more]);
  };
  const changed: readonly (readonly [string, Parts])[] = [
    ...(["mnt_ns_id", "pid_ns_id", "net_ns_id", "ipc_ns_id", "uts_ns_id"] as const).map(
      (field) => [`a process with the machine's ${field}`, shared(field)] as const,
    ),
    ["no word of the machine's namespaces", edited(parts, "inventory.img", "inventory", ({ root_ids: _, ...entry }) => entry)],
    [
      "a capability of the machine's",
      withCredentials(({ cap_prm: [low = 0, high = 0] }) => ({ cap_prm: [low | SYS_ADMIN, high] })),
    ],
    [
      "a capability that may be had",
      withCredentials(({ cap_bnd: [low = 0, high = 0] }) => ({ cap_bnd: [low | SYS_ADMIN, high] })),
    ],
    ["a capability that nobody knows", withCredentials(({ cap_prm: [low = 0] }) => ({ cap_prm: [low, 1 << 30] }))],
    ["the machine's disk", withMount({ fstype: 16, fsname: "ext4" })],
    ["a file system of no name", withMount({ fstype: 0 })],
    ["the machine's devices", withMount({ fstype: 3, source: "devtmpfs" })],
    ["a place that leads out", withMount({ mountpoint: "/../../evil" })],
    ["a relative place", withMount({ mountpoint: "evil" })],
    ["a part that leads out", withMount({ root: "/../../.." })],
    ["a plugin's mount", withMount({ with_plugin: true })],
  ];
  return changed.flatMap(([what, other]): Mutation[] => [
    { name: `images with ${what}`, expected: "image-unconfined", archive: () => zstd(tarOf(other.manifest, entriesOf(other))) },
    {
      name: `podman's images with ${what}`,
      expected: "image-unconfined",
      archive: () => zstd(rawTar(podmanLayout(other))),
    },
  ]);
}

function entriesIn<Kind extends ImageKindName>(parts: Parts, name: string, kind: Kind): EntryOf<Kind>[] {
  return decodeImage(kind, contentOf(parts, `images/${name}`), name).entries.map(({ message }) => message);
}

function edited<Kind extends ImageKindName>(parts: Parts, name: string, kind: Kind, change: Change<Kind>): Parts {
  return withImage(parts, name, kind, entriesIn(parts, name, kind).map(change));
}

function withImage<Kind extends ImageKindName>(parts: Parts, name: string, kind: Kind, entries: readonly EntryOf<Kind>[]): Parts {
  const image = decodeImage(kind, contentOf(parts, `images/${name}`), name);
  const content = Buffer.from(encodeImage({ ...image, entries: entries.map((message) => ({ message })) }));
  const sums = contentOf(parts, "images/SHA256SUMS")
    .toString()
    .replace(new RegExp(`^[0-9a-f]{64}(?=  ${name.replaceAll(".", "\\.")}$)`, "m"), sha256(content));
  return withContent(withContent(parts, `images/${name}`, content), "images/SHA256SUMS", Buffer.from(sums));
}
