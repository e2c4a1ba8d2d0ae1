import assert from "node:assert/strict";
import test from "node:test";
import type { TemporaryFile } from "../criu/images/checkpoint-images.ts";
import { vmaStatus } from "../criu/images/flags.ts";
import type { IpcObject, SharedMemoryObject } from "../criu/images/ipc-objects.ts";
import type { MntEntry, RemapType, UserX86XsaveEntry } from "../criu/images/schema/index.ts";
import { compileResume } from "./compile.ts";
import type { Gap, ResumeTarget } from "./target.ts";
import { inetSocket, noOwner, regularFile, type SyntheticProcess, syntheticImages } from "./testing/synthetic-images.ts";

/** Refused on a target with all gaps are also things that others carry. */
const gaps: ReadonlySet<Gap> = new Set(["advice-for-forks", "robust-futexes", "timer-ids"]);
const compile = (process: SyntheticProcess, engineStdio: readonly string[] = []) =>
  compileResume({
    images: syntheticImages({ ...process, files: [...(process.files ?? []), terminalName] }),
    engineStdio,
    readFile: () => undefined,
    target,
  });
const terminalName = { type: 1 as const, id: 150, reg: regularFile("/dev/pts/4", { id: 150 }) };
const target = { architecture: "x86_64", execution: "native", avx512: false, redispatch: false, lacks: gaps } as const;

const at = 0x6000_0000n;
const vma = (more: object): SyntheticProcess => ({ vmas: [{ start: at, end: at + 0x2000n, ...more }] });
const zeroTimer = { isec: 0n, iusec: 0n, vsec: 0n, vusec: 0n };
const posixTimer = { it_id: 0, clock_id: 1, si_signo: 14, it_sigev_notify: 0, sival_ptr: 0n, overrun: 0 };
const emptyXsave: UserX86XsaveEntry = {
  ...{ xstate_bv: 0n, ymmh_space: [], bndreg_state: [], bndcsr_state: [] },
  ...{ opmask_reg: [], zmm_upper: [], hi16_zmm: [], pkru: [] },
};
const filter = (prev?: number) => ({ filter: new Uint8Array(8), ...(prev === undefined ? {} : { prev }) });
const mount = (mountpoint: string, root_dev: number, root = "/"): MntEntry => ({
  ...{ fstype: 5, mnt_id: 1, root_dev, parent_mnt_id: 0, flags: 0, root, mountpoint, source: "tmpfs", options: "" },
});
const attributes = { mode: 0o600, uid: 0, gid: 0, modified: 0n, target: "", size: 0n, pieces: [] };
const tmpfs = (place: string, names: readonly string[], type: TemporaryFile["type"] = "file"): SyntheticProcess => ({
  images: {
    mounts: () => [mount("/proc/keys", 44, "/null"), mount(place, 44), mount("/dev/mqueue", 45)],
    temporaryFileSystems: new Map([[44, names.map((name) => ({ name, type, ...attributes }))]]),
  },
});
const pipe = (flags: number) => ({ type: 2 as const, pipe: { id: 0, pipe_id: 77, flags, fown: noOwner } });
const waitingBytes = new Map([[77, { entry: { pipe_id: 77, bytes: 3 }, bytes: new Uint8Array(3) }]]);
const remap = (id: number, remap_type: RemapType = 1) => ({ remaps: new Map([[id, { orig_id: id, remap_id: 1, remap_type }]]) });
const deleted = (id: number, mode: number) => ({
  ...remap(id),
  ghost: () => ({ entry: { uid: 0, gid: 0, mode }, image: "ghost-file-1.img", size: 0n, chunks: [] }),
});
const memfd = { type: 18 as const, memfd: { id: 0, flags: 2, pos: 0n, fown: noOwner, inode_id: 7 } };
const memfdInode = (more: object) => ({
  memfds: new Map([[7, { name: "x", uid: 0, gid: 0, size: 0n, shmid: 1, seals: 0, inode_id: 7n, ...more }]]),
});
const terminal = { type: 11 as const, tty: { id: 0, tty_info_id: 1, flags: 2, fown: noOwner, regf_id: 150 } };
const termios = { ...{ c_iflag: 0, c_oflag: 0, c_cflag: 0, c_lflag: 0, c_line: 0, c_ispeed: 0, c_ospeed: 0 }, c_cc: [] };
const ttys = (more: object) => ({
  ttys: new Map([
    [
      1,
      {
        ...{ id: 1, type: 1 as const, locked: false, exclusive: false, packet_mode: false, sid: 0, pgrp: 0, rdev: 0x8804 },
        ...{ termios, pty: { index: 4 } },
        ...more,
      },
    ],
  ]),
});
const handle = (path?: string) => ({ bytes: 8, type: 1, handle: [], ...(path === undefined ? {} : { path }) });
const watch = (path?: string) => ({ id: 0, i_ino: 1n, mask: 2, ignored_mask: 0, s_dev: 1, wd: 1, f_handle: handle(path) });
const fanotify = (path?: string) => {
  const marked = {
    id: 0,
    type: 1 as const,
    mflags: 0,
    mask: 2,
    ignored_mask: 0,
    s_dev: 1,
    ie: { i_ino: 1n, f_handle: handle(path) },
  };
  return { type: 12 as const, ffy: { id: 0, flags: 0, fown: noOwner, faflags: 0, evflags: 0, mark: [marked] } };
};
const lock = (flag: number, type = 1, pid = 1) => ({ fileLocks: [{ flag, type, pid, fd: 9, start: 0n, len: 0n }] });
const segment = ({ id = 0, ...more }: Partial<SharedMemoryObject> & { readonly id?: number }): SyntheticProcess => {
  const desc = { key: 0x4d, uid: 0, gid: 0, cuid: 0, cgid: 0, mode: 0o600, id };
  const object: IpcObject = { kind: "shared memory segment", desc, size: 1n, inPagemap: true, hugePages: false, ...more };
  return { images: { ipcObjects: [object] } };
};
const epoll = { id: 0, flags: 0, fown: noOwner, tfd: [{ id: 0, tfd: 9, events: 1, data: 0n }] };
const socket = (...parameters: Parameters<typeof inetSocket>) => ({ type: 4 as const, isk: inetSocket(...parameters) });
const boundElsewhere = { src_addr: [0x020011ac] };

const refusals: Readonly<Record<string, readonly [SyntheticProcess, string]>> = {
  "32-bit code": [{ registers: { cs: 0x23n } }, "thread 1 runs 32-bit code"],
  "real-time scheduling": [
    { thread: { sched_policy: 1 } },
    "thread 1 has a real-time scheduling policy (1), which takes CAP_SYS_NICE",
  ],
  "a second seccomp filter": [
    { thread: { seccomp_filter: 1 }, images: { seccomp: { seccomp_filters: [filter(), filter(0)] } } },
    "thread 1 has seccomp filters that it put on with privileges which it has given up",
  ],

  "a restartable sequence": [
    { thread: { rseq_entry: { rseq_abi_pointer: 64n, rseq_abi_size: 32, signature: 1, rseq_cs_pointer: 128n } } },
    "thread 1 is inside a restartable sequence",
  ],
  "protection keys": [
    { xsave: { ...emptyXsave, xstate_bv: 1n << 9n, pkru: [0x5555_5550] } },
    "thread 1 uses memory protection keys (pkey_alloc)",
  ],
  "a POSIX timer": [
    {
      task: {
        timers: {
          real: zeroTimer,
          virt: zeroTimer,
          prof: zeroTimer,
          posix: [{ ...posixTimer, isec: 0n, insec: 0n, vsec: 1n, vnsec: 0n }],
        },
      },
    },
    "1 POSIX timer(s) (timer_create), whose ids the emulator would change",
  ],
  "asynchronous I/O": [{ memory: { aios: [{ id: 1n, nr_req: 1, ring_len: 1 }] } }, "asynchronous I/O (io_setup)"],
  "a deleted executable that is missing": [{ images: remap(1) }, "the deleted file /bin/program, which the images do not hold"],
  "an executable in memory": [
    { memory: { exe_file_id: 300 }, files: [{ type: 18, id: 300, memfd: { ...memfd.memfd, id: 300 } }] },
    "an executable that is no file (memfd)",
  ],
  "a deleted directory that is missing": [{ images: remap(3) }, "the deleted file /tmp, which the images do not hold"],
  "a packet socket, mapped": [vma({ status: vmaStatus.SOCKET }), "a mapped packet socket at 0x60000000"],
  "an I/O ring": [vma({ status: vmaStatus.AIORING }), "an asynchronous I/O ring at 0x60000000"],
  "a shadow stack": [vma({ status: vmaStatus.SHSTK }), "a shadow stack at 0x60000000"],
  uprobes: [vma({ status: vmaStatus.UPROBES }), "uprobes at 0x60000000"],
  "a device, mapped": [vma({ status: vmaStatus.EXT_PLUGIN }), "mapped device memory at 0x60000000"],
  "huge pages": [vma({ flags: 0x40022 }), "huge pages at 0x60000000"],
  "a huge memfd": [
    {
      ...vma({ status: vmaStatus.MEMFD | vmaStatus.FILE_SHARED, shmid: 300n }),
      files: [{ type: 18, id: 300, memfd: { id: 300, flags: 2, pos: 0n, fown: noOwner, inode_id: 7 } }],
      images: {
        memfds: new Map([[7, { name: "x", uid: 0, gid: 0, size: 0n, shmid: 1, seals: 0, inode_id: 7n, hugetlb_flag: 21 << 26 }]]),
      },
    },
    "huge pages at 0x60000000",
  ],
  "a memfd that is missing": [
    vma({ status: vmaStatus.MEMFD, shmid: 300n }),
    "a mapping at 0x60000000 of a memfd that the images do not hold",
  ],
  "a mapping of a socket": [
    vma({ status: vmaStatus.FILE_PRIVATE, shmid: 300n }),
    "a mapping at 0x60000000 of something that is not a regular file",
  ],
  "a mapping of a deleted file that is missing": [
    {
      ...vma({ status: vmaStatus.FILE_PRIVATE, shmid: 300n }),
      files: [{ type: 1, id: 300, reg: regularFile("/gone", { id: 300 }) }],
      images: remap(300),
    },
    "a mapping of the deleted file /gone, which the images do not hold",
  ],
  "a deleted file that is missing": [
    { descriptors: [{ reg: regularFile("gone") }], images: remap(100) },
    "descriptor 3: the deleted file /gone, which the images do not hold",
  ],
  "a deleted device": [
    { descriptors: [{ reg: regularFile("gone") }], images: deleted(100, 0o020600) },
    "descriptor 3: the deleted device /gone",
  ],
  "a file with another name only": [
    { descriptors: [{ reg: regularFile("gone") }], images: remap(100, 0) },
    "descriptor 3: the file /gone, which has only another name now",
  ],
  "a file of a process that has ended": [
    { descriptors: [{ reg: regularFile("/proc/9/stat") }], images: remap(100, 2) },
    "descriptor 3: /proc/9/stat of a process that has ended",
  ],
  "a folder that is half read": [
    { descriptors: [{ reg: regularFile("/data", { mode: 0o040755, pos: 7n }) }] },
    "descriptor 3: the folder /data, which has been read in part",
  ],
  "a device": [{ descriptors: [{ reg: regularFile("/dev/kvm", { mode: 0o020666 }) }] }, "descriptor 3: the device /dev/kvm"],
  "a block device": [{ descriptors: [{ reg: regularFile("/dev/sda", { mode: 0o060666 }) }] }, "descriptor 3: /dev/sda"],
  "a file from outside": [
    { descriptors: [{ reg: regularFile("/out", { ext: true }) }] },
    "descriptor 3: the file /out from outside the container",
  ],
  "an unusual socket": [{ descriptors: [socket({ type: 10 })] }, "descriptor 3: an unusual network socket"],
  "a socket bound to an address": [
    { descriptors: [socket(boundElsewhere)] },
    "descriptor 3: a socket bound to 172.17.0.2:80, an address that the container on the target will not have",
  ],
  "a socket with a mark": [{ descriptors: [socket({}, { so_mark: 1 })] }, "descriptor 3: a socket with a mark (SO_MARK)"],
  "an epoll that watches nothing": [
    { descriptors: [{ type: 7, epfd: epoll }] },
    "descriptor 3: an epoll that watches descriptor 9, which is closed",
  ],
  "a terminal that is missing": [{ descriptors: [terminal] }, "descriptor 3: a terminal that the images do not hold"],
  "a terminal of the machine": [
    { descriptors: [terminal], images: ttys({ type: 3 }) },
    "descriptor 3: the terminal /dev/pts/4 of the machine",
  ],
  "a terminal with locked settings": [
    { descriptors: [terminal], images: ttys({ termios_locked: { ...termios, c_lflag: 2 } }) },
    "descriptor 3: the terminal /dev/pts/4, whose settings are locked (TIOCSLCKTRMIOS)",
  ],
  "a terminal with packets": [
    {
      descriptors: [terminal],
      images: { ...ttys({ packet_mode: true, rdev: 0x502 }), ttyData: new Map([[1, { tty_id: 1, data: new Uint8Array(3) }]]) },
    },
    "descriptor 3: the terminal /dev/pts/4, with what waits in packet mode",
  ],
  "half a terminal": [
    { descriptors: [terminal], images: ttys({}) },
    "descriptor 3: the terminal /dev/pts/4, whose other side is outside the container",
  ],
  "a named pipe that is missing": [
    { descriptors: [{ type: 3, fifo: { id: 0, pipe_id: 1 } }] },
    "descriptor 3: a named pipe that the images do not hold",
  ],
  "an open memfd that is missing": [{ descriptors: [memfd] }, "descriptor 3: a memfd that the images do not hold"],
  "an open memfd of huge pages": [
    { descriptors: [memfd], images: memfdInode({ hugetlb_flag: 21 << 26 }) },
    "descriptor 3: a memfd of huge pages",
  ],
  "a memfd that only keeps its writers": [
    {
      ...vma({ status: vmaStatus.MEMFD, flags: 1, shmid: 100n }),
      descriptors: [memfd],
      images: memfdInode({ seals: 0x10 }),
    },
    "descriptor 3: the memfd x, sealed with F_SEAL_FUTURE_WRITE while it is mapped for writing",
  ],
  "a watch of something without a name": [
    { descriptors: [{ type: 8, ify: { id: 0, flags: 0, fown: noOwner, wd: [watch()] } }] },
    "descriptor 3: a watch (inotify) of something that has no name any more",
  ],
  "a fanotify watch of something without a name": [
    { descriptors: [fanotify()] },
    "descriptor 3: a watch (fanotify) of something that has no name",
  ],
  "a file that is missing": [
    { images: { files: new Map([[2, { type: 1, id: 2, reg: regularFile("/") }]]) }, descriptors: [{}] },
    "descriptor 3: a file that the images do not hold",
  ],
  "a lock of an unknown kind": [{ images: lock(16) }, "descriptor 9 of process 1: a file lock of kind 16"],
  "a lease that is being broken": [{ images: lock(8, 5) }, "descriptor 9 of process 1: a lease for which somebody waits"],
  "a mandatory lock": [{ images: lock(2, 0x60) }, "descriptor 9 of process 1: a mandatory lock"],
  "a lock of nobody": [{ images: lock(1, 1, 7) }, "descriptor 9 of process 7: a lock of a process that has ended"],
  "files in a tmpfs of the program's own": [
    tmpfs("/run", ["a", "dir/b"]),
    "files in the tmpfs at /run, which the program mounted itself: /run/a, /run/dir/b",
  ],
  "System V memory of huge pages": [segment({ hugePages: true }), "a System V shared memory segment (key 0x4d) of huge pages"],
  "System V memory in an old image": [
    segment({ inPagemap: false }),
    "a System V shared memory segment (key 0x4d) whose bytes are in the image as old CRIU had it",
  ],
  "a System V id of long ago": [
    segment({ id: 0x7fff0000 }),
    "a System V shared memory segment (key 0x4d) with the id 2147418112, which a new container can't give",
  ],
  "a part of a System V segment": [
    vma({ status: vmaStatus.REGULAR | vmaStatus.SYSVIPC, pgoff: 4096n }),
    "a part of a System V shared memory segment at 0x60000000",
  ],
  "many files in a tmpfs": [
    tmpfs("/run", ["a", "b", "c", "d", "e", "f"]),
    "files in the tmpfs at /run, which the program mounted itself: /run/a, /run/b, /run/c, /run/d, /run/e, … (6)",
  ],
  "a device in /dev/shm": [tmpfs("/dev/shm", ["null"], "character-device"), "devices in the tmpfs at /dev/shm: /dev/shm/null"],
};

for (const [what, [process, reason]] of Object.entries(refusals)) {
  test(`refusals: ${what}`, () => {
    assert.throws(() => compile(process), {
      code: "cannot-carry",
      message: `resume can't carry: ${reason}`,
      details: { reasons: [reason] },
    });
  });
}

test("refusals: all reasons are told at once, each once", () => {
  const process: SyntheticProcess = {
    memory: { aios: [{ id: 1n, nr_req: 1, ring_len: 1 }] },
    thread: { sched_policy: 2 },
    images: { ...lock(16), ...segment({ hugePages: true }).images },
  };
  assert.throws(
    () => compile(process),
    (error: { details: { reasons: string[] } }) => error.details.reasons.length === 4,
  );
});

const carried: Readonly<Record<string, SyntheticProcess>> = {
  "an ordinary process": {},
  "one seccomp filter, the engine's": { thread: { seccomp_filter: 0 }, images: { seccomp: { seccomp_filters: [filter()] } } },
  "the kernel's protection rights": { xsave: { ...emptyXsave, xstate_bv: 1n << 9n, pkru: [0x5555_5554] } },
  "what runtimes put into /dev": tmpfs("/dev", ["fd", "stdin", "stdout", "stderr", "ptmx", "core"], "symlink"),
  "devices in /dev": tmpfs("/dev", ["null", "kvm"], "character-device"),
  "folders in which something is mounted": tmpfs("/dev", ["mqueue"], "directory"),
  "a file in /dev": tmpfs("/dev", ["other"]),
  "a link in /dev": tmpfs("/dev", ["other"], "symlink"),
  "a file in /dev/shm": tmpfs("/dev/shm", ["segment"]),
  "a masked file of /proc": tmpfs("/proc/acpi", ["whatever"]),
  "a pipe without its other end": { descriptors: [pipe(0)] },
  "half of a pipe with bytes": { descriptors: [pipe(0)], images: { pipesData: waitingBytes } },
  "a named pipe": {
    descriptors: [{ type: 3, fifo: { id: 0, pipe_id: 77, regf_id: 300 } }],
    files: [{ type: 1, id: 300, reg: regularFile("/fifo", { id: 300, mode: 0o010644 }) }],
  },
  "a pipe with bytes": { descriptors: [pipe(0), pipe(1)], images: { pipesData: waitingBytes } },
  "a stateless device": { descriptors: [{ reg: regularFile("/dev/urandom", { mode: 0o020666 }) }] },
  "an ended connection of another address": { descriptors: [socket({ ...boundElsewhere, state: 7, shutdown: 3 })] },
  "a connection, which will be reset": { descriptors: [socket({ ...boundElsewhere, state: 1 })] },
  "a deleted file": { descriptors: [{ reg: regularFile("gone") }], images: deleted(100, 0o100644) },
  "a deleted directory": { descriptors: [{ reg: regularFile("gone") }], images: deleted(100, 0o040755) },
  "a deleted executable": { images: deleted(1, 0o100755) },
  "a deleted working directory": { images: deleted(3, 0o040755) },
  "signal-driven I/O": { descriptors: [{ reg: regularFile("/file", { fown: { ...noOwner, pid: 1 } }) }] },
  "a memfd": { descriptors: [memfd], images: memfdInode({}) },
  "a POSIX lock": { images: lock(1) },
  "a lock of a whole file": { images: lock(2) },
  "a lock of a description": { images: lock(4) },
  "a lease": { images: lock(8) },
  "the engine's terminal": {
    descriptors: [terminal],
    images: { ...ttys({}), mounts: () => [mount("/dev/console", 50, "/4")] },
  },
  "a process descriptor": { descriptors: [{ type: 20, pidfd: { id: 0, ino: 1, flags: 0, nspid: 1, fown: noOwner } }] },
  "a process descriptor of nobody": {
    descriptors: [{ type: 20, pidfd: { id: 0, ino: 1, flags: 0, nspid: -1, fown: noOwner } }],
  },
  "a watch of a file": { descriptors: [{ type: 8, ify: { id: 0, flags: 0, fown: noOwner, wd: [watch("/file")] } }] },
  "a fanotify watch of a file": { descriptors: [fanotify("/file")] },
  "guard pages": vma({ status: vmaStatus.GUARD }),
};

for (const [what, process] of Object.entries(carried)) {
  test(`refusals: ${what} is carried`, () => {
    assert.ok(compile(process).elf.length > 4096);
  });
}

test("refusals: seccomp would judge the emulator; a chain of filters has an end", () => {
  const emulated = { architecture: "x86_64", execution: "emulated", avx512: false, redispatch: false, lacks: gaps } as const;
  const compileFor = (resumeTarget: ResumeTarget, process: SyntheticProcess) => () =>
    compileResume({ images: syntheticImages(process), engineStdio: [], readFile: () => undefined, target: resumeTarget });
  const own = { thread: { seccomp_filter: 1 }, images: { seccomp: { seccomp_filters: [filter(), filter(0)] } } };
  assert.throws(compileFor(emulated, own), { message: /seccomp filters of its own, which would judge the emulator/ });
  assert.throws(compileFor(emulated, { thread: { seccomp_mode: 1 } }), { message: /strict seccomp mode/ });
  const endless = { thread: { seccomp_filter: 0 }, images: { seccomp: { seccomp_filters: [filter(0)] } } };
  assert.throws(compileFor(target, endless), { code: "image-corrupt" });
});

test("refusals: the emulator has no fanotify", () => {
  const images = syntheticImages({ descriptors: [fanotify("/file")] });
  const emulated = { architecture: "x86_64", execution: "emulated", avx512: false, redispatch: false, lacks: gaps } as const;
  assert.throws(() => compileResume({ images, engineStdio: [], readFile: () => undefined, target: emulated }), {
    message: /fanotify/,
  });
});

test("refusals: a tmpfs that the container was made with may hold files", () => {
  const images = syntheticImages(tmpfs("/run", ["a"]));
  const input = { images, engineStdio: [], readFile: () => undefined, target };
  assert.ok(compileResume({ ...input, temporaryFolders: ["/run"] }));
  assert.throws(() => compileResume({ ...input, temporaryFolders: ["/other"] }), { code: "cannot-carry" });
});
