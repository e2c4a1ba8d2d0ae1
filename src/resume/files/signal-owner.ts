import type { FileEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";

const F_SETFL = 4;
const F_SETSIG = 10;
const F_SETOWN_EX = 15;
const O_ASYNC = 0o20000;
/** What F_SETFL can change (SETFL_MASK in fs/fcntl.c) everywhere: O_APPEND, O_NONBLOCK, O_NOATIME, O_ASYNC; and O_DIRECT. */
const changeable = 0o2000 | 0o4000 | 0o1000000 | O_ASYNC;

/** Signal-driven I/O: who gets which signal when a file is ready. Done when all processes exist. */
export function emitSignalOwner({ program, architecture }: Emission, descriptor: number, file: FileEntry): void {
  const entry = signalling(file);
  if (entry === undefined) return;
  const { fown, flags } = entry;
  const describe = `signals of descriptor ${descriptor}`;
  if (fown.signum !== 0) program.call("fcntl", [descriptor, F_SETSIG, fown.signum], { describe });
  if (fown.pid !== 0) {
    const owner = new Uint8Array(Int32Array.of(fown.pid_type, fown.pid).buffer);
    program.call("fcntl", [descriptor, F_SETOWN_EX, program.bytes(owner)], { describe });
  }
  if ((flags & O_ASYNC) !== 0)
    program.call("fcntl", [descriptor, F_SETFL, flags & (changeable | architecture.openFlags.DIRECT)], { describe });
}

function signalling(file: FileEntry) {
  return (
    file.reg ??
    file.isk ??
    file.usk ??
    file.pipe ??
    file.efd ??
    file.epfd ??
    file.sgfd ??
    file.tfd ??
    file.tty ??
    file.memfd ??
    file.ify ??
    file.ffy
  );
}
