import type { PidfdEntry } from "../../criu/images/schema/index.ts";
import { defineFileKind } from "./kind.ts";
import { emitOpenLate } from "./late.ts";

/** What pidfd_open takes (include/uapi/linux/pidfd.h): PIDFD_NONBLOCK, PIDFD_THREAD. */
const openingFlags = 0o4000 | 0o200;

/** A process descriptor has no state but which process it means, so each process that shares one opens it for itself. */
export const pidfdKind = defineFileKind("pidfd", {
  refuse: ({ nspid }, { images }) =>
    images.pstree.some(({ pid, threads }) => pid === nspid || threads.includes(nspid))
      ? []
      : ["a process descriptor (pidfd) of a process that has ended"],
  open: () => new Map(),
  finish: (emission, descriptor, file: PidfdEntry) => {
    const { nspid, flags } = file;
    const describe = `process descriptor of ${nspid}`;
    emitOpenLate(emission, { id: file.id }, descriptor, describe, () => {
      emission.program.call("pidfd_open", [nspid, flags & openingFlags], { describe });
    });
  },
});
