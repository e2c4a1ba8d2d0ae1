/** A file descriptor of a process. */
export interface DescriptorFacts {
  readonly number: number;
  /** As the kernel names it: `/var/log/x`, `socket:[123]`, `anon_inode:[eventpoll]`. */
  readonly target: string;
  /** `other` is what only the kernel has: event descriptors and the like. */
  readonly kind: "file" | "directory" | "character-device" | "block-device" | "pipe" | "socket" | "other";
}

/** A live process of the container, as its host's /proc shows it. */
export interface ProcessFacts {
  /** As the host counts. */
  readonly pid: number;
  /** As the container counts. */
  readonly containerPid: number;
  /** The host's id of the parent process. */
  readonly parentPid: number;
  readonly name: string;
  /** The kernel's letter: R, S, D, T (stopped), t (traced), Z (zombie). */
  readonly state: string;
  readonly tracerPid: number;
  readonly executable: string;
  /** What the executable's ELF header says; undefined when it can't be read. */
  readonly elf: { readonly bits: 32 | 64 /** e_machine: 62 is x86_64. */; readonly machine: number } | undefined;
  readonly threads: number;
  /** Effective user id as the host counts. */
  readonly uid: number;
  /** Bytes that a dump will hold of it: anonymous and shared memory, also what is swapped out. */
  readonly memoryBytes: number;
  /** Bytes in huge pages (hugetlb). */
  readonly hugePageBytes: number;
  /** 0 none, 1 strict, 2 filters. */
  readonly seccompMode: number;
  readonly personality: number;
  /** Scheduling policies of its threads other than SCHED_OTHER. */
  readonly schedulingPolicies: readonly number[];
  /** How many POSIX timers it has (timer_create). */
  readonly timers: number;
  readonly workingDirectory: string;
  readonly descriptors: readonly DescriptorFacts[];
  /** Names of mapped objects that aren't ordinary files: deleted files, devices, shared memory. */
  readonly specialMappings: readonly string[];
  /** `net` → `net:[4026531840]`. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** Descriptors through which it holds POSIX file locks (fcntl), which belong to the process. */
  readonly lockedDescriptors: readonly number[];
  /** Whether `docker exec` (or a health check) started it or one of its ancestors, and not the container's first process. */
  readonly execSession: boolean;
}

/** A socket that a process of the container holds. */
export interface SocketFacts {
  readonly inode: number;
  readonly pid: number;
  readonly descriptor: number;
  /** `unlisted`: the kernel lists it nowhere (not yet bound, or of a rare family). */
  readonly kind: "tcp" | "udp" | "unix" | "netlink" | "packet" | "raw" | "unlisted";
  readonly state: "listening" | "connected" | "other";
  /** Undefined for sockets that are not of the internet families. */
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
  /** Of a connected UNIX socket whose other end is held by a process outside of the container. */
  readonly outsidePeer?: true;
}

export interface Endpoint {
  /** `0.0.0.0`, `127.0.0.1`, `::`. */
  readonly address: string;
  readonly port: number;
}

/** A file that has no name any more and is still open. */
export interface DeletedFile {
  readonly pid: number;
  readonly descriptor: number;
  /** `12:345`, device and inode: one file may be open many times. */
  readonly id: string;
  /** Bytes, holes counted. */
  readonly size: number;
  /** Bytes, holes not counted. */
  readonly dataBytes: number;
}

/** What the processes of a container are doing. */
export interface LiveFacts {
  /** Whether a resume program has made its processes, and its mounts are still there. */
  readonly isResumed: boolean;
  /** The container's first process comes first. */
  readonly processes: readonly ProcessFacts[];
  readonly sockets: readonly SocketFacts[];
  readonly deletedFiles: readonly DeletedFile[];
  /** What lies in the container's memory file systems (/dev/shm, a tmpfs on /run), without what the runtime puts there; at most 100. */
  readonly memoryFiles: readonly string[];
  /** The user namespace of the machine itself. */
  readonly hostUserNamespace: string;
}
