import { pageSize } from "../../criu/images/flags.ts";
import type { SharedMemoryObject } from "../../criu/images/ipc-objects.ts";
import type { VmaEntry } from "../../criu/images/schema/index.ts";
import { divide } from "../data-files.ts";
import type { Emission } from "../emission.ts";
import { IPC_RMID } from "./create.ts";

const SHM_RDONLY = 0o10000;
const SHM_EXEC = 0o100000;
/** In an object's mode: it goes when the last one has detached (include/uapi/linux/shm.h). */
const SHM_DEST = 0o1000;
const permission = { WRITE: 2, EXEC: 4 } as const;

/** Reads a segment's pages into it: it is attached for as long as that takes. */
export function emitSharedMemoryObject({ program, images, data }: Emission, { desc }: SharedMemoryObject): void {
  const pagemap = images.shmemPagemap(desc.id);
  if (pagemap === undefined || pagemap.runs.length === 0) return;
  const describe = `shared memory segment ${desc.id}`;
  const { code } = program;
  program.call("shmat", [desc.id, 0, 0], { describe });
  code.moveRegister("kept", "result");
  for (const { address, pages, fileOffset } of pagemap.runs) {
    for (const { from, to, length } of divide({ from: fileOffset, to: address, length: BigInt(pages * pageSize) })) {
      code.move("argument1", to);
      code.add("argument1", "kept");
      program.call("pread64", [data.get(pagemap.pagesFile)!, "argument1", length, from], { expect: length, describe });
    }
  }
  program.call("shmdt", ["kept"], { describe });
}

/**
 * Attaches the segment of which `vma` is the beginning. Its other parts are VMAs of their own where a program has changed the
 * protection of some pages.
 */
export function emitAttach({ program, images }: Emission, { start, prot, shmid }: VmaEntry): void {
  const flags = ((prot & permission.WRITE) !== 0 ? 0 : SHM_RDONLY) | ((prot & permission.EXEC) !== 0 ? SHM_EXEC : 0);
  program.call("shmat", [shmid, start, flags], { expect: start, describe: `attach shared memory segment ${shmid}` });
  const object = images.ipcObjects.find(({ kind, desc }) => kind === "shared memory segment" && BigInt(desc.id) === shmid);
  if (((object?.desc.mode ?? 0) & SHM_DEST) !== 0) program.call("shmctl", [shmid, IPC_RMID, 0], { expect: "ignore" });
}
