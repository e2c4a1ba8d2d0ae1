/**
 * The kinds of image files: names, magics, messages and raw payloads (CRIU v4.2: criu/image-desc.c, criu/include/magic.h).
 */
import * as extra from "./extra.ts";
import { type ImageKind, kind } from "./kind.ts";
import { magic } from "./magic.ts";
import * as schema from "./schema/index.ts";

export const imageKinds = {
  inventory: kind(/^inventory\.img$/, magic.INVENTORY, schema.inventoryEntry, { bare: true }),
  pstree: kind(/^pstree\.img$/, magic.PSTREE, schema.pstreeEntry),
  ids: kind(/^ids-(\d+)\.img$/, magic.IDS, schema.taskKobjIdsEntry),
  core: kind(/^core-(\d+)\.img$/, magic.CORE, schema.coreEntry),
  mm: kind(/^mm-(\d+)\.img$/, magic.MM, schema.mmEntry),
  pagemap: kind(/^pagemap-(\d+)\.img$/, magic.PAGEMAP, schema.pagemapEntry, { head: schema.pagemapHead }),
  "pagemap-shmem": kind(/^pagemap-shmem-(\d+)\.img$/, magic.PAGEMAP, schema.pagemapEntry, { head: schema.pagemapHead }),
  fs: kind(/^fs-(\d+)\.img$/, magic.FS, schema.fsEntry),
  fdinfo: kind(/^fdinfo-(\d+)\.img$/, magic.FDINFO, schema.fdinfoEntry),
  files: kind(/^files\.img$/, magic.FILES, schema.fileEntry),
  "pipes-data": kind(/^pipes-data\.img$/, magic.PIPES_DATA, schema.pipeDataEntry, { extra: extra.pipeBytes }),
  "fifo-data": kind(/^fifo-data\.img$/, magic.FIFO_DATA, schema.pipeDataEntry, { extra: extra.pipeBytes }),
  "sk-queues": kind(/^sk-queues\.img$/, magic.SK_QUEUES, schema.skPacketEntry, { extra: extra.packetBytes }),
  "tcp-stream": kind(/^tcp-stream-([0-9a-f]+)\.img$/, magic.TCP_STREAM, schema.tcpStreamEntry, { extra: extra.tcpQueues }),
  "remap-fpath": kind(/^remap-fpath\.img$/, magic.REMAP_FPATH, schema.remapFilePathEntry),
  "ghost-file": kind(/^ghost-file-([0-9a-f]+)\.img$/, magic.GHOST_FILE, schema.ghostFileEntry, { extra: extra.allThatFollows }),
  memfd: kind(/^memfd\.img$/, magic.MEMFD_INODE, schema.memfdInodeEntry),
  "tty-info": kind(/^tty-info\.img$/, magic.TTY_INFO, schema.ttyInfoEntry),
  "tty-data": kind(/^tty-data\.img$/, magic.TTY_DATA, schema.ttyDataEntry),
  filelocks: kind(/^filelocks\.img$/, magic.FILE_LOCKS, schema.fileLockEntry),
  seccomp: kind(/^seccomp\.img$/, magic.SECCOMP, schema.seccompEntry),
  cgroup: kind(/^cgroup\.img$/, magic.CGROUP, schema.cgroupEntry),
  apparmor: kind(/^apparmor\.img$/, magic.APPARMOR, schema.apparmorEntry),
  utsns: kind(/^utsns-(\d+)\.img$/, magic.UTSNS, schema.utsnsEntry),
  timens: kind(/^timens-(\d+)\.img$/, magic.TIMENS, schema.timensEntry),
  pidns: kind(/^pidns-(\d+)\.img$/, magic.PIDNS, schema.pidnsEntry),
  userns: kind(/^userns-(\d+)\.img$/, magic.USERNS, schema.usernsEntry),
  mountpoints: kind(/^mountpoints-(\d+)\.img$/, magic.MNTS, schema.mntEntry),
  "ipcns-var": kind(/^ipcns-var-(\d+)\.img$/, magic.IPC_VAR, schema.ipcVarEntry),
  "ipcns-shm": kind(/^ipcns-shm-(\d+)\.img$/, magic.IPCNS_SHM, schema.ipcShmEntry, { extra: extra.sharedSegment }),
  "ipcns-sem": kind(/^ipcns-sem-(\d+)\.img$/, magic.IPCNS_SEM, schema.ipcSemEntry, { extra: extra.semaphoreValues }),
  "ipcns-msg": kind(/^ipcns-msg-(\d+)\.img$/, magic.IPCNS_MSG, schema.ipcMsgEntry, { extra: extra.queuedMessages }),
  netdev: kind(/^netdev-(\d+)\.img$/, magic.NETDEV, schema.netDeviceEntry),
  netns: kind(/^netns-(\d+)\.img$/, magic.NETNS, schema.netnsEntry),
  autofs: kind(/^autofs-(\d+)\.img$/, magic.AUTOFS, schema.autofsEntry),
  "binfmt-misc": kind(/^binfmt-misc(?:-(\d+))?\.img$/, magic.BINFMT_MISC, schema.binfmtMiscEntry),
  "bpfmap-file": kind(/^bpfmap-file\.img$/, magic.BPFMAP_FILE, schema.bpfmapFileEntry),
  "bpfmap-data": kind(/^bpfmap-data\.img$/, magic.BPFMAP_DATA, schema.bpfmapDataEntry, { extra: extra.mapContents }),
  cpuinfo: kind(/^cpuinfo\.img$/, magic.CPUINFO, schema.cpuinfoEntry),
  stats: kind(/^stats-(?:dump|restore)$/, magic.STATS, schema.statsEntry),
  "irmap-cache": kind(/^irmap-cache$/, magic.IRMAP_CACHE, schema.irmapCacheEntry),

  // One file for each kind of open file: old CRIU, before files.img.
  "reg-files": kind(/^reg-files\.img$/, magic.REG_FILES, schema.regFileEntry),
  "ext-files": kind(/^ext-files\.img$/, magic.EXT_FILES, schema.extFileEntry),
  "ns-files": kind(/^ns-files\.img$/, magic.NS_FILES, schema.nsFileEntry),
  eventfd: kind(/^eventfd\.img$/, magic.EVENTFD_FILE, schema.eventfdFileEntry),
  eventpoll: kind(/^eventpoll\.img$/, magic.EVENTPOLL_FILE, schema.eventpollFileEntry),
  "eventpoll-tfd": kind(/^eventpoll-tfd\.img$/, magic.EVENTPOLL_TFD, schema.eventpollTfdEntry),
  signalfd: kind(/^signalfd\.img$/, magic.SIGNALFD, schema.signalfdEntry),
  timerfd: kind(/^timerfd\.img$/, magic.TIMERFD, schema.timerfdEntry),
  inotify: kind(/^inotify\.img$/, magic.INOTIFY_FILE, schema.inotifyFileEntry),
  "inotify-wd": kind(/^inotify-wd\.img$/, magic.INOTIFY_WD, schema.inotifyWdEntry),
  fanotify: kind(/^fanotify\.img$/, magic.FANOTIFY_FILE, schema.fanotifyFileEntry),
  "fanotify-mark": kind(/^fanotify-mark\.img$/, magic.FANOTIFY_MARK, schema.fanotifyMarkEntry),
  pipes: kind(/^pipes\.img$/, magic.PIPES, schema.pipeEntry),
  fifo: kind(/^fifo\.img$/, magic.FIFO, schema.fifoEntry),
  unixsk: kind(/^unixsk\.img$/, magic.UNIXSK, schema.unixSkEntry),
  inetsk: kind(/^inetsk\.img$/, magic.INETSK, schema.inetSkEntry),
  packetsk: kind(/^packetsk\.img$/, magic.PACKETSK, schema.packetSockEntry),
  netlinksk: kind(/^netlinksk\.img$/, magic.NETLINK_SK, schema.netlinkSkEntry),
  tty: kind(/^tty\.img$/, magic.TTY_FILES, schema.ttyFileEntry),
  tunfile: kind(/^tunfile\.img$/, magic.TUNFILE, schema.tunfileEntry),
  pidfd: kind(/^pidfd\.img$/, magic.PIDFD, schema.pidfdEntry),

  // Parts of the core and mm images that had files of their own: old CRIU.
  vmas: kind(/^vmas-(\d+)\.img$/, magic.VMAS, schema.vmaEntry),
  creds: kind(/^creds-(\d+)\.img$/, magic.CREDS, schema.credsEntry),
  sigacts: kind(/^sigacts-(\d+)\.img$/, magic.SIGACT, schema.saEntry),
  itimers: kind(/^itimers-(\d+)\.img$/, magic.ITIMERS, schema.itimerEntry),
  "posix-timers": kind(/^posix-timers-(\d+)\.img$/, magic.POSIX_TIMERS, schema.posixTimerEntry),
  rlimit: kind(/^rlimit-(\d+)\.img$/, magic.RLIMIT, schema.rlimitEntry),
  signal: kind(/^signal-[sp]-(\d+)\.img$/, magic.SIGNAL, schema.siginfoEntry),
} as const;

export type ImageKindName = keyof typeof imageKinds;

/** The message of a kind's entries. */
export type EntryOf<Kind extends ImageKindName> =
  (typeof imageKinds)[Kind] extends ImageKind<infer Entry, infer _> ? Entry : never;

/** The message of a kind's first entry, where it is another one. */
export type HeadOf<Kind extends ImageKindName> = (typeof imageKinds)[Kind] extends ImageKind<infer _, infer Head> ? Head : never;

/**
 * The kind of an image file by its name.
 * @returns undefined for raw files (pages, archives, firewall tables) and others
 */
export function imageKindOf(fileName: string): ImageKindName | undefined {
  return (Object.keys(imageKinds) as ImageKindName[]).find((name) => imageKinds[name].pattern.test(fileName));
}
