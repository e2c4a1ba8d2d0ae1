import type { Emission } from "../emission.ts";

const FD_CLOEXEC = 1;
const O_CLOEXEC = 0o2000000;

/**
 * Opens a file in the process that has it, when all processes exist, and gives it to all its descriptors there.
 * @param descriptor the one that is being finished: the first one does it for all
 * @param open emits it; the descriptor is in rax
 */
export function emitOpenLate(
  emission: Emission,
  { id, pos = 0n }: { readonly id: number; readonly pos?: bigint },
  descriptor: number,
  describe: string,
  open: () => void,
): void {
  const { program, process, temporaries } = emission;
  const descriptors = process.descriptors.filter((other) => other.id === id);
  if (descriptors[0]?.fd !== descriptor) return;
  open();
  const opened = temporaries.adopt(describe);
  if (pos > 0n) program.call("lseek", [opened, pos, 0], { describe: `set the offset of ${describe}` });
  for (const { fd, flags } of descriptors) {
    program.call("dup3", [opened, fd, (flags & FD_CLOEXEC) !== 0 ? O_CLOEXEC : 0], { describe: `descriptor ${fd}` });
  }
  temporaries.close(opened);
}
