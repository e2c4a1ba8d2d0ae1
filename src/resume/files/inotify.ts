import type { InotifyFileEntry, InotifyWdEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { Label } from "../machine-code/assembler.ts";
import { absolutePath } from "../process.ts";
import { defineFileKind, oneByOne } from "./kind.ts";

const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
/** What a program may ask for (include/uapi/linux/inotify.h): IN_ALL_EVENTS, IN_EXCL_UNLINK, IN_ONESHOT. */
const askable = 0xfff | 0x0400_0000 | 0x8000_0000;
/** The path is that of what is watched, so a symbolic link at its end is what is watched. */
const IN_DONT_FOLLOW = 0x0200_0000;

export const inotifyKind = defineFileKind("ify", {
  refuse: ({ wd: watches }) =>
    watches.some(({ f_handle: { path } }) => path === undefined)
      ? ["a watch (inotify) of something that has no name any more"]
      : [],
  open: oneByOne(emitInotify),
});

/** What it has seen and not yet told is not in the images. */
function emitInotify(emission: Emission, { wd: watches, flags }: InotifyFileEntry): number {
  const { program, temporaries, notes } = emission;
  program.call("inotify_init1", [O_NONBLOCK], { describe: "inotify" });
  const descriptor = temporaries.adopt("inotify");
  for (const watch of watches.toSorted((a, b) => a.wd - b.wd)) emitWatch(emission, descriptor, watch);
  emitForget(emission, descriptor);
  program.call("fcntl", [descriptor, F_SETFL, flags & O_NONBLOCK], { describe: "flags of inotify" });
  const note = "watches of files (inotify): changes that were seen and not yet told are forgotten";
  if (!notes.includes(note)) notes.push(note);
  return descriptor;
}

/** Numbers are given out one after the other (idr_alloc_cyclic in fs/notify/inotify/inotify_user.c): until it is the one. */
function emitWatch({ program }: Emission, descriptor: number, { wd, mask, f_handle: { path } }: InotifyWdEntry): void {
  const name = absolutePath(path!);
  const describe = `watch ${name}`;
  const [again, done] = [new Label(describe), new Label(`watching ${name}`)];
  const wanted = BigInt((mask & askable) | IN_DONT_FOLLOW) & 0xffff_ffffn;
  program.code.define(again);
  program.call("inotify_add_watch", [descriptor, program.text(name), wanted], { describe });
  program.code.compare("result", wd);
  program.code.jumpIf("equal", done);
  program.code.moveRegister("kept", "result");
  program.call("inotify_rm_watch", [descriptor, "kept"], { describe });
  program.code.compare("kept", wd);
  program.code.jumpIf("below", again);
  program.fail(`${describe} as number ${wd}`);
  program.code.define(done);
}

/** Reads away what the making of the watches has caused. */
function emitForget({ program }: Emission, descriptor: number): void {
  const again = new Label("events to forget");
  const buffer = program.scratch(4096);
  program.code.define(again);
  program.call("read", [descriptor, buffer, 4096], { expect: "ignore" });
  program.code.compare("result", -4095);
  program.code.jumpIf("below", again);
}
