import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { RegFileEntry } from "../../criu/images/schema/index.ts";
import type { Architecture } from "../architectures/architecture.ts";
import type { Emission } from "../emission.ts";
import type { Operand } from "../machine-code/program.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { absolutePath } from "../process.ts";
import { holdersOf } from "./holders.ts";
import { defineFileKind, type FileSurroundings, oneByOne } from "./kind.ts";
import { emitOpenLate } from "./late.ts";
import { fileTypeMask, fileTypes, unlinkedReasons } from "./unlinked-files.ts";

/** Character devices without a state of their own, found in every container. */
const statelessDevices: ReadonlySet<string> = new Set(["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]);
const openable: readonly number[] = [fileTypes.REGULAR, fileTypes.DIRECTORY, fileTypes.CHARACTER];

export const openFlags = {
  RDWR: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  TRUNC: 0o1000,
  /** Ignored by open(), which only sets it: fcntl() would then find nothing to change. */
  ASYNC: 0o20000,
  PATH: 0o10000000,
  /** Without O_DIRECTORY, which O_TMPFILE of <fcntl.h> contains. */
  TMPFILE: 0o20000000,
} as const;

export const regularFileKind = defineFileKind("reg", {
  refuse,
  open: (emission, files, opened) =>
    oneByOne(emitRegularFile)(
      emission,
      files.filter((file) => !waitsForProcesses(emission.images, file)),
      opened,
    ),
  finish: emitProcessFile,
});

function refuse(file: RegFileEntry, { images }: FileSurroundings): string[] {
  const { id, mode, name, ext, flags } = file;
  const type = mode === undefined ? undefined : mode & fileTypeMask;
  const reasons = unlinkedReasons(images, id);
  if (ext === true) return [...reasons, `the file ${name} from outside the container`];
  if (waitsForProcesses(images, file) && holdersOf(images, id).length > 1) return [`${name}, which several processes have open`];
  // O_PATH opens anything without asking what it is.
  if (type === undefined || reasons.length > 0 || images.remaps.has(id) || (flags & openFlags.PATH) !== 0) return reasons;
  if (type === fileTypes.DIRECTORY && isHalfRead(file)) return [`the folder ${name}, which has been read in part`];
  if (type === fileTypes.CHARACTER && !statelessDevices.has(name)) return [`the device ${name}`];
  return openable.includes(type) ? [] : [name];
}

/**
 * A directory's offset is the file system's own number (a hash in ext4, a count in overlayfs): on the target it means another entry.
 * Of /proc, and at ext4's end (EXT4_HTREE_EOF_64BIT), it is the same everywhere.
 */
function isHalfRead({ name, pos }: RegFileEntry): boolean {
  return pos > 0n && pos < (1n << 63n) - 1n && !absolutePath(name).startsWith("/proc/");
}

/** Flags that only matter while a file is being opened are taken off: the file is there already. */
export function reopenFlags({ flags, mode }: RegFileEntry, { openFlags: { DIRECTORY } }: Architecture): number {
  const opening = flags & ~(openFlags.CREAT | openFlags.EXCL | openFlags.TRUNC | openFlags.ASYNC);
  // A file without a name was opened as O_TMPFILE in a folder.
  return (flags & openFlags.TMPFILE) === 0 || (mode ?? 0) === 0 ? opening : opening & ~(openFlags.TMPFILE | DIRECTORY);
}

function emitRegularFile(emission: Emission, file: RegFileEntry): number {
  return emission.unlinked.get(file.id) ?? emitOpenRegular(emission, file, emission.program.text(pathOf(file)));
}

/** Opens a file of the container by a name, with its flags and offset. */
export function emitOpenRegular(emission: Emission, file: RegFileEntry, path: Operand): number {
  emitOpenPath(emission, file, path);
  const descriptor = emission.temporaries.adopt(pathOf(file));
  if (file.pos > 0n && (file.flags & openFlags.PATH) === 0) {
    emission.program.call("lseek", [descriptor, file.pos, 0], { describe: `set the offset of ${pathOf(file)}` });
  }
  return descriptor;
}

function emitOpenPath({ program, architecture }: Emission, file: RegFileEntry, path: Operand): void {
  program.call("openat", [AT_FDCWD, path, reopenFlags(file, architecture), 0], { describe: `open ${pathOf(file)}` });
}

/**
 * A path of /proc/<pid> itself, without what CRIU puts behind it: check_path_remap in criu/files-reg.c writes a slash over the
 * terminating zero.
 */
function pathOf({ name }: RegFileEntry): string {
  return absolutePath(name).replace(/^(\/proc\/\d+)\/(?![a-z]).*$/s, "$1");
}

/**
 * Whether the file is one of /proc about a process, which need not exist while the others are opened; its threads do not. Several
 * processes can only share what is opened before they are forked.
 */
function waitsForProcesses(images: CheckpointImages, file: RegFileEntry): boolean {
  const pid = /^\/proc\/(\d+)(\/|$)/.exec(pathOf(file))?.[1];
  if (pid === undefined) return false;
  return Number(pid) !== images.pstree[0]?.pid || holdersOf(images, file.id).length === 1;
}

function emitProcessFile(emission: Emission, descriptor: number, file: RegFileEntry): void {
  const { program, images } = emission;
  if (!waitsForProcesses(images, file)) return;
  emitOpenLate(emission, file, descriptor, pathOf(file), () => emitOpenPath(emission, file, program.text(pathOf(file))));
}
