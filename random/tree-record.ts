import { createHash } from "node:crypto";
import { ByteReader } from "../src/checkpoint/tar/byte-reader.ts";
import { byteText } from "../src/checkpoint/tar/header.ts";
import { readTar } from "../src/checkpoint/tar/read-tar.ts";
import type { Host } from "../src/host/host.ts";
import { listFolder } from "../src/volumes/listing.ts";

/** A file of a tree: all that can be carried of it. */
export interface FileRecord {
  /** As find(1) has it: `f`, `d`, `l`, `p`, `s`, `c`, `b`. */
  readonly type: string;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  /** Seconds with their decimals. */
  readonly modified: string;
  readonly leadsTo: string;
  /** Bytes; undefined of folders, where it depends on the file system. */
  readonly size: number | undefined;
  /** The first name of the same file. */
  readonly sameAs: string | undefined;
  readonly device: string | undefined;
  readonly hasHoles: boolean;
  readonly sha256: string | undefined;
  /** Extended attributes and access lists: values in base64. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** By the paths below the folder, which itself is `.`. */
export type TreeRecord = Readonly<Record<string, FileRecord>>;

/**
 * Reads all of a folder of a machine.
 * @param ignored the path of a file that programs go on to write
 * @throws MigrationError `command-failed`, `target-unreachable`
 */
export async function readTree(host: Host, folder: string, ignored?: string): Promise<TreeRecord> {
  const { entries } = await listFolder(host, folder);
  const packed = await readPacked(host, folder, ignored);
  const firstNames = new Map<string, string>();
  const files = [...entries].filter(([path]) => path !== ignored).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    files.map(([path, { type, mode, owner, group, modified, leadsTo, size, inode }]) => {
      const isFolder = type === "d";
      const first = isFolder ? path : (firstNames.get(inode) ?? path);
      if (first === path) firstNames.set(inode, path);
      const rest = packed.get(path) ?? { device: undefined, hasHoles: false, sha256: undefined, attributes: {} };
      const sameAs = first === path ? undefined : first;
      return [
        path || ".",
        { ...{ type, mode, owner, group, modified, leadsTo, sameAs }, size: isFolder ? undefined : size, ...rest },
      ];
    }),
  );
}

type Packed = Pick<FileRecord, "device" | "hasHoles" | "sha256" | "attributes">;

/** What only tar tells on every machine. */
async function readPacked(host: Host, folder: string, ignored: string | undefined): Promise<ReadonlyMap<string, Packed>> {
  const options = ["--format=posix", "--sparse", "--sort=name", "--xattrs", "--xattrs-include=*", "--one-file-system"];
  const exclude = ignored === undefined ? [] : [`--exclude=./${ignored}`];
  const stream = host.stream(["tar", "--create", ...options, ...exclude, "--directory", folder, "."]);
  await using reader = new ByteReader(stream);
  const packed = new Map<string, Packed>();
  for await (const entry of readTar(reader, { extended: () => true, decodeName: byteText })) {
    const hash = createHash("sha256");
    for await (const piece of entry.content) hash.update(piece);
    const isDevice = entry.type === "character-device" || entry.type === "block-device";
    const records = [...entry.records].filter(([key]) => /^SCHILY\.xattr\./.test(key));
    packed.set(entry.name.replace(/^\.\/?/, "").replace(/\/$/, ""), {
      device: isDevice ? `${entry.major}:${entry.minor}` : undefined,
      hasHoles: entry.records.has("GNU.sparse.realsize"),
      sha256: entry.type === "file" ? hash.digest("hex") : undefined,
      attributes: Object.fromEntries(records.map(([key, value]) => [key, Buffer.from(value).toString("base64")])),
    });
  }
  return packed;
}
