import { type FanotifyFileEntry, type FanotifyMarkEntry, markType } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { absolutePath } from "../process.ts";
import { defineFileKind, oneByOne } from "./kind.ts";

const AT_FDCWD = -100n;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const mark = { ADD: 0x1, MOUNT: 0x10, IGNORED_MASK: 0x20, IGNORED_SURV_MODIFY: 0x40 } as const;

export const fanotifyKind = defineFileKind("ffy", {
  refuse: ({ mark: marks }, { target }) => {
    if (target.execution === "emulated") return ["watches of files (fanotify), which the emulator does not have"];
    return marks.some((one) => pathOf(one) === undefined) ? ["a watch (fanotify) of something that has no name"] : [];
  },
  open: oneByOne(emitFanotify),
});

function pathOf({ type, ie, me }: FanotifyMarkEntry): string | undefined {
  return type === markType.values.MOUNT ? me?.path : ie?.f_handle.path;
}

/** What it has seen and not yet told is not in the images. */
function emitFanotify(emission: Emission, { flags, faflags, evflags, mark: marks }: FanotifyFileEntry): number {
  const { program, temporaries, notes } = emission;
  program.call("fanotify_init", [faflags, evflags], { describe: "fanotify" });
  const descriptor = temporaries.adopt("fanotify");
  for (const one of marks) {
    const path = program.text(absolutePath(pathOf(one)!));
    const kind = (one.type === markType.values.MOUNT ? mark.MOUNT : 0) | (one.mflags & mark.IGNORED_SURV_MODIFY);
    for (const [mask, how] of [
      [one.mask, mark.ADD],
      [one.ignored_mask, mark.ADD | mark.IGNORED_MASK],
    ] as const) {
      if (mask !== 0)
        program.call("fanotify_mark", [descriptor, how | kind, mask, AT_FDCWD, path], { describe: `watch ${pathOf(one)}` });
    }
  }
  program.call("fcntl", [descriptor, F_SETFL, flags & O_NONBLOCK], { describe: "flags of fanotify" });
  notes.push("watches of files (fanotify): what was seen and not yet told is forgotten");
  return descriptor;
}
