import { ipcPermissions } from "../../criu/images/ipc-objects.ts";
import type { IpcDescEntry } from "../../criu/images/schema/ipc.ts";
import type { Emission } from "../emission.ts";
import { Label, type Place } from "../machine-code/assembler.ts";
import type { SyscallName } from "../machine-code/instruction-set.ts";
import type { Operand } from "../machine-code/program.ts";

const IPC_CREAT_EXCL = 0o3000;
export const IPC_RMID = 0;
const IPC_SET = 1;
/** An id is an index below this, and how often indexes have begun anew (ipc/util.h, IPCMNI_SHIFT). */
const indexBits = 15;
/** Indexes are given in a circle of as many while there are few objects (ipc/util.c, ipc_min_cycle). */
const cycle = 64;
/** What takes a second at most. */
const mostTries = 1_000_000;

/** How many objects a new namespace has given out before it gives out `id`. */
function triesFor(id: number): number {
  return (id >> indexBits) * cycle + (id & ((1 << indexBits) - 1)) + 1;
}

/** Whether the id can be reached, see `emitCreate`. */
export function isReachable(id: number): boolean {
  return triesFor(id) <= mostTries && (id & ((1 << indexBits) - 1)) < cycle;
}

/**
 * Makes an object with its key and id. The kernel gives ids in order, and /proc/sys/kernel/*_next_id, by which CRIU sets the next one, is
 * read-only in containers; so objects are made and removed until it is the id's turn. Objects must be made in the order of `inOrder`.
 */
export function emitCreate(
  { program }: Emission,
  desc: IpcDescEntry,
  {
    get,
    parameter,
    control,
  }: { readonly get: SyscallName; readonly parameter: readonly Operand[]; readonly control: SyscallName },
): void {
  const { code } = program;
  const describe = `System V object ${desc.id} (${get})`;
  const again = new Label("make another");
  const made = new Label("made");
  const remove = get === "semget" ? [0, IPC_RMID] : [IPC_RMID];
  code.move("counter", BigInt(triesFor(desc.id)));
  code.define(again);
  program.call(get, [desc.key, ...parameter, (desc.mode & ipcPermissions) | IPC_CREAT_EXCL], { describe });
  code.move("temporary", BigInt(desc.id));
  code.compareRegister("result", "temporary");
  code.jumpIf("equal", made);
  code.moveRegister("argument0", "result");
  program.call(control, ["argument0", ...remove, 0], { describe });
  code.addImmediate("counter", -1);
  code.compare("counter", 0);
  code.jumpIf("notEqual", again);
  program.fail(`${describe}: another object has this id`);
  code.define(made);
}

/** So that each object's id comes after those of the objects made before it. */
export function inOrder(left: { readonly desc: IpcDescEntry }, right: { readonly desc: IpcDescEntry }): number {
  return left.desc.id - right.desc.id;
}

/**
 * Gives the object to its owner. The creator, who keeps all rights to it, becomes who resumes.
 * @param rest what follows `struct ipc64_perm` in the kind's structure, as far as it is set
 */
export function emitOwner(
  emission: Emission,
  desc: IpcDescEntry,
  control: SyscallName,
  rest: Uint8Array = new Uint8Array(),
): void {
  const { program } = emission;
  // struct ipc64_perm (include/uapi/asm-generic/ipcbuf.h): key, uid, gid, cuid, cgid, mode, …; 48 bytes.
  const content = new Uint8Array(256);
  const view = new DataView(content.buffer);
  view.setUint32(4, desc.uid, true);
  view.setUint32(8, desc.gid, true);
  view.setUint32(20, desc.mode & ipcPermissions, true);
  content.set(rest, 48);
  const buffer: Place = program.bytes(content);
  const parameters: Operand[] = control === "semctl" ? [desc.id, 0, IPC_SET, buffer] : [desc.id, IPC_SET, buffer];
  program.call(control, parameters, { describe: `owner of System V object ${desc.id}` });
}
