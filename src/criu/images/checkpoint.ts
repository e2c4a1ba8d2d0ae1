import { MigrationError } from "../../errors.ts";
import type {
  CheckpointImages,
  GhostFile,
  Pagemap,
  PipeData,
  QueuedPacket,
  TcpStream,
  TemporaryFile,
} from "./checkpoint-images.ts";
import { type IpcObject, ipcObjects } from "./ipc-objects.ts";
import type { LoadedImages } from "./loaded-images.ts";
import { openFiles } from "./open-files.ts";
import { Pagemaps } from "./pagemaps.ts";
import { coreOf, kernelObjectIds, processTree } from "./process-tree.ts";
import type * as schema from "./schema/index.ts";

const noBytes = new Uint8Array();

/** The images of a directory, joined. */
export class Checkpoint implements CheckpointImages {
  readonly directory: string;
  readonly inventory: schema.InventoryEntry;
  readonly pstree: readonly schema.PstreeEntry[];
  readonly files: ReadonlyMap<number, schema.FileEntry>;
  readonly pipesData: ReadonlyMap<number, PipeData>;
  readonly fifoData: ReadonlyMap<number, PipeData>;
  readonly skQueues: ReadonlyMap<number, readonly QueuedPacket[]>;
  readonly memfds: ReadonlyMap<number, schema.MemfdInodeEntry>;
  readonly remaps: ReadonlyMap<number, schema.RemapFilePathEntry>;
  readonly fileLocks: readonly schema.FileLockEntry[];
  readonly ipcObjects: readonly IpcObject[];
  readonly temporaryFileSystems: ReadonlyMap<number, readonly TemporaryFile[]>;
  readonly ttys: ReadonlyMap<number, schema.TtyInfoEntry>;
  readonly ttyData: ReadonlyMap<number, schema.TtyDataEntry>;
  readonly timens: schema.TimensEntry | undefined;
  readonly seccomp: schema.SeccompEntry | undefined;
  readonly #images: LoadedImages;
  readonly #ghosts: ReadonlyMap<number, GhostFile>;
  readonly #pagemaps: Pagemaps;

  /** @throws MigrationError `image-corrupt`, `image-unsupported` */
  constructor(
    images: LoadedImages,
    inventory: schema.InventoryEntry,
    temporaryFileSystems: ReadonlyMap<number, readonly TemporaryFile[]>,
    ghosts: ReadonlyMap<number, GhostFile>,
  ) {
    this.directory = images.directory;
    this.inventory = inventory;
    this.#images = images;
    this.pstree = processTree(images);
    this.files = openFiles(images);
    this.pipesData = pipeData(images, "pipes-data");
    this.fifoData = pipeData(images, "fifo-data");
    this.skQueues = Map.groupBy(
      images.entries("sk-queues").map(({ message: entry, extra }) => ({ entry, bytes: extra ?? noBytes })),
      ({ entry }) => entry.id_for,
    );
    this.memfds = byId("memfd.img", images.messages("memfd"), ({ inode_id }) => Number(inode_id));
    this.remaps = byId("remap-fpath.img", images.messages("remap-fpath"), ({ orig_id }) => orig_id);
    for (const { orig_id: id } of this.remaps.values()) {
      if (this.files.get(id)?.reg === undefined)
        throw corrupt("remap-fpath.img", `file ${id}, which lost its name, is not among the files`);
    }
    this.fileLocks = images.messages("filelocks");
    this.ipcObjects = ipcObjects(images);
    this.temporaryFileSystems = temporaryFileSystems;
    this.ttys = byId("tty-info.img", images.messages("tty-info"), ({ id }) => id);
    this.ttyData = byId("tty-data.img", images.messages("tty-data"), ({ tty_id }) => tty_id);
    this.timens = this.#timens();
    this.seccomp = images.messages("seccomp")[0];
    this.#ghosts = ghosts;
    this.#pagemaps = new Pagemaps(images);
  }

  core(tid: number): schema.CoreEntry {
    return coreOf(this.#images, tid);
  }

  mm(pid: number): schema.MmEntry | undefined {
    return this.#first("mm", pid);
  }

  ids(pid: number): schema.TaskKobjIdsEntry | undefined {
    return kernelObjectIds(this.#images, pid);
  }

  fs(pid: number): schema.FsEntry | undefined {
    return this.#first("fs", pid);
  }

  fdinfo(filesId: number): readonly schema.FdinfoEntry[] {
    const file = `fdinfo-${filesId}.img`;
    if (this.#images.image("fdinfo", file) === undefined) throw corrupt(file, "the descriptors of a process are missing");
    return this.#images.messages("fdinfo", file);
  }

  pagemap(pid: number): Pagemap | undefined {
    return this.#pagemaps.ofProcess(pid);
  }

  shmemPagemap(shmid: bigint | number): Pagemap | undefined {
    return this.#pagemaps.ofSharedMemory(shmid);
  }

  readPages(pagemap: Pagemap, address: bigint, length: number): Uint8Array | undefined {
    return this.#pagemaps.read(pagemap, address, length);
  }

  tcpStream(inode: number): TcpStream | undefined {
    const [stream] = this.#images.entries("tcp-stream", `tcp-stream-${inode.toString(16)}.img`);
    if (stream === undefined) {
      return undefined;
    }
    const { message: entry, extra = noBytes } = stream;
    return { entry, received: extra.subarray(0, entry.inq_len), unsent: extra.subarray(entry.inq_len) };
  }

  ghost(id: number): GhostFile | undefined {
    return this.#ghosts.get(id);
  }

  mounts(mountNamespaceId: number): readonly schema.MntEntry[] {
    return this.#images.messages("mountpoints", `mountpoints-${mountNamespaceId}.img`);
  }

  close(): void {
    this.#pagemaps.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #first<Kind extends "mm" | "fs">(kind: Kind, id: number) {
    return this.#images.messages(kind, `${kind}-${id}.img`)[0];
  }

  /** The root's namespace is named by its id, or 0 where the dump does not tell namespaces apart. */
  #timens(): schema.TimensEntry | undefined {
    const root = this.pstree[0];
    const id = (root === undefined ? undefined : this.ids(root.pid)?.time_ns_id) ?? this.inventory.root_ids?.time_ns_id ?? 0;
    return this.#images.messages("timens", `timens-${id}.img`)[0] ?? this.#images.messages("timens", "timens-0.img")[0];
  }
}

/** @throws MigrationError `image-corrupt` when two have the same id */
function byId<Entry>(file: string, entries: readonly Entry[], idOf: (entry: Entry) => number): ReadonlyMap<number, Entry> {
  const found = new Map<number, Entry>();
  for (const entry of entries) {
    const id = idOf(entry);
    if (found.has(id)) throw corrupt(file, `two entries have the id ${id}`);
    found.set(id, entry);
  }
  return found;
}

function pipeData(images: LoadedImages, kind: "pipes-data" | "fifo-data"): ReadonlyMap<number, PipeData> {
  return byId(
    `${kind}.img`,
    images.entries(kind).map(({ message: entry, extra }) => ({ entry, bytes: extra ?? noBytes })),
    ({ entry }) => entry.pipe_id,
  );
}

function corrupt(file: string, why: string): MigrationError {
  return new MigrationError("image-corrupt", `${file}: ${why}`, { remedy: "Take the checkpoint again.", details: { file } });
}
