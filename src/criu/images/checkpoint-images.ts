import type { IpcObject } from "./ipc-objects.ts";
import type {
  CoreEntry,
  FdinfoEntry,
  FileEntry,
  FileLockEntry,
  FsEntry,
  GhostFileEntry,
  InventoryEntry,
  MemfdInodeEntry,
  MmEntry,
  MntEntry,
  PipeDataEntry,
  PstreeEntry,
  RemapFilePathEntry,
  SeccompEntry,
  SkPacketEntry,
  TaskKobjIdsEntry,
  TcpStreamEntry,
  TimensEntry,
  TtyDataEntry,
  TtyInfoEntry,
} from "./schema/index.ts";

/** A run of pages whose bytes are in the pages file. Runs come in address order of the image. */
export interface PageRun {
  /** First address; for shared memory the byte offset in the segment. */
  readonly address: bigint;
  /** How many pages of 4096 bytes. */
  readonly pages: number;
  /** PE_* bits as in `pagemapFlag`. PE_PRESENT is always set. */
  readonly flags: number;
  /** Where the bytes begin in the pages file. */
  readonly fileOffset: bigint;
}

export interface Pagemap {
  readonly pagesId: number;
  /** The name of the pages file in the image directory: `pages-1.img`. */
  readonly pagesFile: string;
  /** Bytes in the pages file: a whole number of pages, equal to the sum of the runs. */
  readonly pagesSize: bigint;
  readonly runs: readonly PageRun[];
}

/** Bytes that wait in a pipe, or in a named pipe. */
export interface PipeData {
  readonly entry: PipeDataEntry;
  readonly bytes: Uint8Array;
}

/** A packet that waits in a unix socket's queue. */
export interface QueuedPacket {
  readonly entry: SkPacketEntry;
  readonly bytes: Uint8Array;
}

/** The queues of an established TCP connection. */
export interface TcpStream {
  readonly entry: TcpStreamEntry;
  readonly received: Uint8Array;
  readonly unsent: Uint8Array;
}

/** An unlinked file: its attributes and where its contents are, holes left out. */
export interface GhostFile {
  readonly entry: GhostFileEntry;
  /** The name of the image that holds the contents. */
  readonly image: string;
  /** Bytes; the end of the last chunk when the image gives no size. */
  readonly size: bigint;
  readonly chunks: readonly {
    readonly offset: bigint;
    readonly length: bigint;
    /** Where the bytes begin in the image. */
    readonly imageOffset: bigint;
  }[];
}

/** Something that lies in a tmpfs. */
export interface TemporaryFile {
  /** Relative to the file system's root, which is called "". */
  readonly name: string;
  readonly type: "file" | "link" | "symlink" | "character-device" | "block-device" | "directory" | "fifo";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly modified: bigint;
  /** Where a symbolic link points to; what a hard link is another name of. */
  readonly target: string;
  /** Bytes, holes and all. */
  readonly size: bigint;
  /** Where the contents are in the uncompressed archive, holes left out. */
  readonly pieces: readonly { readonly offset: bigint; readonly length: bigint; readonly archiveOffset: bigint }[];
}

/**
 * A checkpoint's images, all read and checked when it is opened; the accessors are synchronous
 * and a missing image is empty (as CRIU has it), unless the checkpoint makes no sense without it.
 */
export interface CheckpointImages extends Disposable {
  readonly directory: string;
  readonly inventory: InventoryEntry;
  /** One entry for each process, parents before children. `threads` holds all threads, the leader too; of a zombie its pid alone. */
  readonly pstree: readonly PstreeEntry[];

  /**
   * A thread's registers and state; `tc` is set for leaders.
   * @throws MigrationError `image-corrupt` when no process of the tree has this thread
   */
  core(tid: number): CoreEntry;
  /** Undefined for zombies. */
  mm(pid: number): MmEntry | undefined;
  /** Undefined for zombies. Taken from the core image where old CRIU put it there. */
  ids(pid: number): TaskKobjIdsEntry | undefined;
  /** Undefined for zombies. */
  fs(pid: number): FsEntry | undefined;
  /** The descriptors of a descriptor table (`ids(pid).files_id`). */
  fdinfo(filesId: number): readonly FdinfoEntry[];
  /** All open files by file id. */
  readonly files: ReadonlyMap<number, FileEntry>;

  /** Undefined when the process has no pages of its own in the images (zombies). */
  pagemap(pid: number): Pagemap | undefined;
  /** Contents of shared anonymous memory, a memfd or a System V segment, by shmid; undefined when there are none. */
  shmemPagemap(shmid: bigint | number): Pagemap | undefined;
  /**
   * A small read from the pages file.
   * @returns undefined when a part of the range is not in the pages file
   */
  readPages(pagemap: Pagemap, address: bigint, length: number): Uint8Array | undefined;

  /** Bytes that wait in pipes, by pipe id. */
  readonly pipesData: ReadonlyMap<number, PipeData>;
  /** Bytes that wait in named pipes, by pipe id. */
  readonly fifoData: ReadonlyMap<number, PipeData>;
  /** Packets that wait in unix sockets, in order, by the file id of the socket that will read them (`id_for`). */
  readonly skQueues: ReadonlyMap<number, readonly QueuedPacket[]>;
  /** Queues of an established TCP connection, by socket inode. */
  tcpStream(inode: number): TcpStream | undefined;
  /** memfd inodes by inode id (`memfd_file_entry.inode_id`). */
  readonly memfds: ReadonlyMap<number, MemfdInodeEntry>;
  /** Unlinked files by file id (`orig_id`). */
  readonly remaps: ReadonlyMap<number, RemapFilePathEntry>;
  /** An unlinked file by ghost id (`remap_id`). */
  ghost(id: number): GhostFile | undefined;
  /** Locks that processes hold on files. */
  readonly fileLocks: readonly FileLockEntry[];
  /** The System V objects of all IPC namespaces. */
  readonly ipcObjects: readonly IpcObject[];
  /** What lies in each tmpfs, by its device number (`mounts(…)[…].root_dev`). */
  readonly temporaryFileSystems: ReadonlyMap<number, readonly TemporaryFile[]>;
  /** Terminals by `tty_info_id`. */
  readonly ttys: ReadonlyMap<number, TtyInfoEntry>;
  /** Unread input of terminals, by `tty_info_id`. */
  readonly ttyData: ReadonlyMap<number, TtyDataEntry>;
  /** The clocks at the dump, of the root process's time namespace. Undefined when the dump has none. */
  readonly timens: TimensEntry | undefined;
  readonly seccomp: SeccompEntry | undefined;
  /** The mounts of a mount namespace (`ids(pid).mnt_ns_id`). */
  mounts(mountNamespaceId: number): readonly MntEntry[];
  /** Closes the pages files. */
  close(): void;
}
