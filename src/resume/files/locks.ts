import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { FileLockEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { at } from "../machine-code/assembler.ts";

/** CRIU's kinds of lock (criu/include/file-lock.h). */
const kinds = { POSIX: 1, FLOCK: 2, DESCRIPTION: 4, LEASE: 8 } as const;
/** A lease that somebody waits for (the same file). */
const LEASE_BREAKING = 4;
const F_RDLCK = 0;
const F_WRLCK = 1;
const F_SETLK = 6;
const F_OFD_SETLK = 37;
const F_SETLEASE = 1024;
const LOCK_SH = 1;
const LOCK_EX = 2;

/** Why a lock can't be carried, for people; empty when it can. */
export function lockReasons({ pstree }: CheckpointImages, { flag, type, pid, fd }: FileLockEntry): string[] {
  const where = `descriptor ${fd} of process ${pid}`;
  if (!(Object.values(kinds) as number[]).includes(flag)) return [`${where}: a file lock of kind ${flag}`];
  if (flag === kinds.LEASE && (type & LEASE_BREAKING) !== 0) return [`${where}: a lease for which somebody waits`];
  if (type !== F_RDLCK && type !== F_WRLCK) return [`${where}: a mandatory lock`];
  return pstree.some((process) => process.pid === pid) ? [] : [`${where}: a lock of a process that has ended`];
}

/**
 * Takes the locks of a process. POSIX locks belong to it, and end when it closes any descriptor of the file (fs/locks.c,
 * locks_remove_posix): so nothing may be closed after this. The others belong to a file description.
 */
export function emitFileLocks(emission: Emission): void {
  const { program, process, images } = emission;
  for (const lock of images.fileLocks.filter(({ pid }) => pid === process.pid)) {
    const { flag, type, fd } = lock;
    const describe = `lock of descriptor ${fd}`;
    if (flag === kinds.FLOCK) program.call("flock", [fd, type === F_RDLCK ? LOCK_SH : LOCK_EX], { describe });
    else if (flag === kinds.LEASE) emitLease(emission, lock);
    else {
      const command = flag === kinds.POSIX ? F_SETLK : F_OFD_SETLK;
      program.call("fcntl", [fd, command, program.words([type, lock.start, lock.len, 0])], { describe }); // l_whence: SEEK_SET
    }
  }
}

/** Without CAP_LEASE, only who owns a file may take a lease of it (fs/locks.c, vfs_setlease). */
function emitLease({ program, architecture }: Emission, { fd, type }: FileLockEntry): void {
  const status = program.scratch(144);
  program.call("fstat", [fd, status], { describe: `owner of descriptor ${fd}` });
  program.code.load32("result", at(status.label, status.addend + architecture.ownerInStat));
  program.call("setfsuid", ["result"], { expect: "ignore" });
  program.call("fcntl", [fd, F_SETLEASE, type], { describe: `lease of descriptor ${fd}` });
  program.call("setfsuid", [0], { expect: "ignore" });
}
