import type { CheckpointImages, Pagemap } from "../../criu/images/checkpoint-images.ts";
import { taskState, vmaStatus } from "../../criu/images/flags.ts";
import type {
  CoreEntry,
  CredsEntry,
  FileEntry,
  FownEntry,
  InetSkEntry,
  MmEntry,
  RegFileEntry,
  SkOptsEntry,
  TaskCoreEntry,
  ThreadCoreEntry,
  ThreadInfoAarch64,
  UserX86RegsEntry,
  UserX86XsaveEntry,
  VmaEntry,
} from "../../criu/images/schema/index.ts";

/** What shall be otherwise than in an ordinary process of one thread. */
export interface SyntheticProcess {
  readonly registers?: Partial<UserX86RegsEntry>;
  readonly xsave?: UserX86XsaveEntry;
  /** Makes it a process of ARM64. */
  readonly arm64?: Partial<ThreadInfoAarch64>;
  readonly thread?: Partial<ThreadCoreEntry>;
  readonly credentials?: Partial<CredsEntry>;
  readonly task?: Partial<TaskCoreEntry>;
  readonly memory?: Partial<MmEntry>;
  /** Added to the process's own. */
  readonly vmas?: readonly Partial<VmaEntry>[];
  /** Descriptor 3, 4, … */
  readonly descriptors?: readonly Partial<FileEntry>[];
  /** More files, for VMAs and others: they get the ids that they name. */
  readonly files?: readonly FileEntry[];
  readonly images?: Partial<CheckpointImages>;
}

export const addresses = { code: 0x5555_0000_0000n, heap: 0x5555_1000_0000n, stack: 0x7fff_0000_0000n } as const;
const ids = { executable: 1, root: 2, directory: 3, firstDescriptor: 100 } as const;

const defaultHandlers: TaskCoreEntry["sigactions"] = Array.from({ length: 62 }, () => ({
  ...{ sigaction: 0n, flags: 0n, restorer: 0n, mask: 0n },
}));

/** Nothing was ever touched. */
const noPages: Pagemap = { pagesId: 1, pagesFile: "pages-1.img", pagesSize: 0n, runs: [] };

export const noOwner: FownEntry = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };

export function regularFile(name: string, more: Partial<RegFileEntry> = {}): RegFileEntry {
  return { id: 0, flags: 0, pos: 0n, fown: noOwner, name, build_id: [], mode: 0o100644, ...more };
}

/** A TCP socket that listens on 0.0.0.0:80. */
export function inetSocket(more: Partial<InetSkEntry> = {}, options: Partial<SkOptsEntry> = {}): InetSkEntry {
  const times = { so_snd_tmo_sec: 0n, so_snd_tmo_usec: 0n, so_rcv_tmo_sec: 0n, so_rcv_tmo_usec: 0n };
  return {
    ...{ id: 0, ino: 5, family: 2, type: 1, proto: 6, state: 10, src_port: 80, dst_port: 0, flags: 2, backlog: 5 },
    ...{ src_addr: [0], dst_addr: [0], fown: noOwner, opts: { so_sndbuf: 1, so_rcvbuf: 1, ...times, so_filter: [], ...options } },
    ...more,
  };
}

/** Images of one process, made up: what the compiler reads, and nothing on any disk. */
export function syntheticImages(process: SyntheticProcess = {}): CheckpointImages {
  const { descriptors = [], files = [], images = {} } = process;
  const core = syntheticCore(process);
  const own: readonly [number, RegFileEntry][] = [
    [ids.executable, regularFile("/bin/program")],
    [ids.root, regularFile("/", { mode: 0o040755 })],
    [ids.directory, regularFile("/tmp", { mode: 0o040755 })],
  ];
  const opened = descriptors.map((file, index) => withId({ type: 1, ...file }, ids.firstDescriptor + index));
  const all = [...own.map(([id, reg]): FileEntry => ({ type: 1, id, reg: { ...reg, id } })), ...opened, ...files];
  return {
    ...{ directory: "/nowhere", inventory: { img_version: 2 }, pstree: [{ pid: 1, ppid: 0, pgid: 1, sid: 1, threads: [1] }] },
    core: () => core,
    mm: () => syntheticMemory(process),
    ids: () => ({ vm_id: 1, files_id: 1, fs_id: 1, sighand_id: 1, mnt_ns_id: 1 }),
    fs: () => ({ cwd_id: ids.directory, root_id: ids.root, umask: 0o22 }),
    fdinfo: () => opened.map(({ id, type }, index) => ({ id, flags: 0, type, fd: 3 + index })),
    files: new Map(all.map((file) => [file.id, file])),
    pagemap: () => noPages,
    shmemPagemap: () => noPages,
    readPages: () => undefined,
    ...{ pipesData: new Map(), fifoData: new Map(), skQueues: new Map(), memfds: new Map(), remaps: new Map() },
    ...{ fileLocks: [], ipcObjects: [], temporaryFileSystems: new Map(), ttys: new Map(), ttyData: new Map() },
    ...{ timens: undefined, seccomp: undefined, tcpStream: () => undefined, ghost: () => undefined, mounts: () => [] },
    close: () => {},
    [Symbol.dispose]: () => {},
    ...images,
  };
}

/** Gives a file its id, which its member holds too. */
function withId(file: Partial<FileEntry>, id: number): FileEntry {
  const members = Object.entries(file).map(([key, value]) => [key, typeof value === "object" ? { ...value, id } : value]);
  return { ...Object.fromEntries(members), id } as FileEntry;
}

function syntheticCore(process: SyntheticProcess): CoreEntry {
  const { thread, credentials, task, arm64 } = process;
  return {
    ...(arm64 === undefined ? syntheticX86Registers(process) : syntheticArm64Registers(arm64)),
    thread_core: { futex_rla: 0n, futex_rla_len: 0, creds: syntheticCredentials(credentials), ...thread },
    tc: {
      ...{
        task_state: taskState.ALIVE,
        exit_code: 0,
        personality: 0,
        flags: 0,
        blk_sigset: 0n,
        comm: "program",
        sigactions: defaultHandlers,
      },
      ...task,
    },
  };
}

function syntheticArm64Registers(more: Partial<ThreadInfoAarch64>): Pick<CoreEntry, "mtype" | "ti_aarch64"> {
  const gpregs = { regs: Array.from({ length: 31 }, () => 0n), sp: addresses.stack + 0x8000n, pc: addresses.code, pstate: 0n };
  const fpsimd = { vregs: Array.from({ length: 64 }, () => 0n), fpsr: 0, fpcr: 0 };
  return { mtype: 3, ti_aarch64: { clear_tid_addr: 0n, tls: 0n, gpregs, fpsimd, ...more } };
}

function syntheticX86Registers({ registers, xsave }: SyntheticProcess): Pick<CoreEntry, "mtype" | "thread_info"> {
  const zero = { r15: 0n, r14: 0n, r13: 0n, r12: 0n, bp: 0n, bx: 0n, r11: 0n, r10: 0n, r9: 0n, r8: 0n, ax: 0n, cx: 0n, dx: 0n };
  const segments = { cs: 0x33n, ss: 0x2bn, fs_base: 0n, gs_base: 0n, ds: 0n, es: 0n, fs: 0n, gs: 0n };
  const gpregs: UserX86RegsEntry = {
    ...zero,
    ...{ si: 0n, di: 0n, orig_ax: 35n, ip: addresses.code, flags: 0x202n, sp: addresses.stack + 0x8000n },
    ...segments,
    ...registers,
  };
  const fpregs = { cwd: 0x37f, swd: 0, twd: 0, fop: 0, rip: 0n, rdp: 0n, mxcsr: 0x1f80, mxcsr_mask: 0xffff };
  return {
    mtype: 1,
    thread_info: {
      clear_tid_addr: 0n,
      gpregs,
      fpregs: { ...fpregs, st_space: [], xmm_space: [], padding: [], ...(xsave === undefined ? {} : { xsave }) },
      tls: [],
    },
  };
}

function syntheticCredentials(more: Partial<CredsEntry> = {}): CredsEntry {
  const all = { uid: 0, gid: 0, euid: 0, egid: 0, suid: 0, sgid: 0, fsuid: 0, fsgid: 0 };
  const sets = { cap_inh: [0, 0], cap_prm: [0, 0], cap_eff: [0, 0], cap_bnd: [0, 0], cap_amb: [0, 0] };
  return { ...all, ...sets, secbits: 0, groups: [], ...more };
}

export function syntheticVma(more: Partial<VmaEntry>): VmaEntry {
  const anonymous = { prot: 3, flags: 0x22, status: vmaStatus.REGULAR | vmaStatus.ANON_PRIVATE, fd: -1n };
  return { start: 0n, end: 0n, pgoff: 0n, shmid: 0n, ...anonymous, ...more };
}

/** By address, but guards come last (criu/mem.c, collect_madv_guards). */
function asCriuDoes(a: VmaEntry, b: VmaEntry): number {
  return (a.status & vmaStatus.GUARD) - (b.status & vmaStatus.GUARD) || Number(a.start - b.start);
}

function syntheticMemory({ memory, vmas = [] }: SyntheticProcess): MmEntry {
  const { code, heap, stack } = addresses;
  return {
    ...{ mm_start_code: code, mm_end_code: code, mm_start_data: code, mm_end_data: code, mm_start_stack: stack },
    ...{ mm_start_brk: heap, mm_brk: heap, mm_arg_start: stack, mm_arg_end: stack, mm_env_start: stack, mm_env_end: stack },
    ...{ exe_file_id: ids.executable, mm_saved_auxv: [], aios: [] },
    vmas: [
      syntheticVma({ start: code, end: code + 0x1000n, prot: 5, status: vmaStatus.REGULAR | vmaStatus.ANON_PRIVATE }),
      syntheticVma({ start: stack, end: stack + 0x10000n, flags: 0x122 }),
      ...vmas.map(syntheticVma),
    ].toSorted(asCriuDoes),
    ...memory,
  };
}
