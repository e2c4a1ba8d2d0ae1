import { open } from "node:fs/promises";
import { isKnownRecord } from "../../rootfs/records.ts";
import { ByteReader } from "../../tar/byte-reader.ts";
import { blockSize, byteText } from "../../tar/header.ts";
import { readTar } from "../../tar/read-tar.ts";
import { type EmptyEntry, tarEnd, tarEntry } from "../../tar/write-entry.ts";
import { refusal, shown } from "../refusal.ts";

/** A folder of the image. Undefined: there is none of that name. */
export type ReadFolder = (path: string) => Promise<Pick<EmptyEntry, "mode" | "uid" | "gid" | "modified"> | undefined>;

export interface ForeignLayer {
  /** The tar archive of what was added and changed, not compressed. */
  readonly upper: string | undefined;
  /** Paths below the root. */
  readonly deletedFiles: readonly string[];
}

/** OCI's mark of a deleted file (image-spec, layer.md), which containerd writes; podman and CRI-O list them apart. */
const whiteoutPrefix = ".wh.";
const opaqueMark = ".wh..wh..opq";

/**
 * The writable layer as overlayfs has it: what was deleted are whiteouts, and folders that only lead to something keep the attributes that
 * they have in the image, of which podman and the kubelet tell nothing.
 * @returns the pieces of a tar archive
 * @throws MigrationError `archive-refused`, `upper-name`
 */
export async function* writableLayer({ upper, deletedFiles }: ForeignLayer, readFolder: ReadFolder): AsyncGenerator<Uint8Array> {
  const { entries, folders, deleted } = upper === undefined ? nothing : await survey(upper);
  const whiteouts = [...deletedFiles.map((path) => Buffer.from(path).toString("latin1")), ...deleted];
  const leading = new Set([...entries, ...whiteouts].flatMap((name) => parentsOf(name)).filter((name) => !folders.has(name)));
  for (const name of [...leading].toSorted()) {
    const path = Buffer.from(name, "latin1");
    const attributes = await readFolder(path.toString());
    if (attributes !== undefined)
      yield tarEntry({ ...attributes, name: Buffer.concat([path, Buffer.from("/")]), type: "directory" });
  }
  if (upper !== undefined) yield* kept(upper);
  for (const name of whiteouts) {
    yield tarEntry({ name: Buffer.from(name, "latin1"), type: "character-device", mode: 0, uid: 0, gid: 0, modified: 0 });
  }
  yield tarEnd;
}

interface Survey {
  /** Names without `./` and a slash at the end, a letter for each byte. */
  readonly entries: readonly string[];
  readonly folders: ReadonlySet<string>;
  readonly deleted: readonly string[];
}

const nothing: Survey = { entries: [], folders: new Set(), deleted: [] };

async function survey(upper: string): Promise<Survey> {
  const [entries, folders, deleted] = [[] as string[], new Set<string>(), [] as string[]];
  for await (const { name, type } of entriesOf(upper)) {
    const file = deletedBy(name);
    if (file !== undefined) deleted.push(file);
    else entries.push(name);
    if (type === "directory") folders.add(name);
  }
  return { entries, folders, deleted };
}

/** The bytes of all entries but whiteouts. */
async function* kept(upper: string): AsyncGenerator<Uint8Array> {
  await using file = await open(upper);
  for await (const { name, begin, end } of entriesOf(upper)) {
    if (deletedBy(name) === undefined && end > begin)
      yield* file.createReadStream({ autoClose: false, start: begin, end: end - 1 }) as AsyncIterable<Buffer>;
  }
}

/** The entries of a tar archive, and where each of them lies in it. */
async function* entriesOf(path: string) {
  await using file = await open(path);
  await using reader = new ByteReader(file.createReadStream({ autoClose: false, highWaterMark: 1 << 18 }));
  let begin = 0;
  for await (const { name, type, content } of readTar(reader, { extended: isKnownRecord, decodeName: byteText })) {
    for await (const _ of content);
    const end = Math.ceil(reader.position / blockSize) * blockSize;
    yield { name: name.replace(/^\.\//, "").replace(/\/$/, ""), type, begin, end };
    begin = end;
  }
}

/** The file that an entry marks as deleted; undefined when it is no such mark. @throws MigrationError `archive-refused`, `upper-name` */
function deletedBy(name: string): string | undefined {
  const slash = name.lastIndexOf("/") + 1;
  const base = name.slice(slash);
  if (!base.startsWith(whiteoutPrefix)) return undefined;
  const file = base.slice(whiteoutPrefix.length);
  if (base !== opaqueMark && !["", ".", ".."].includes(file) && !file.startsWith(whiteoutPrefix))
    return name.slice(0, slash) + file;
  throw refusal("upper-name", `the entry \`${shown(name)}\` of its writable layer is a mark that checkpoints don't have`, {
    member: shown(name),
  });
}

function parentsOf(name: string): string[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
