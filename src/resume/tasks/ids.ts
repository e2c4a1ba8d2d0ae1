import type { Emission } from "../emission.ts";
import { Label, type Place } from "../machine-code/assembler.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { nextPidFile } from "../start/stages.ts";
import { nodesOf } from "../tree.ts";
import { idsOf } from "./births.ts";

const O_WRONLY = 1;
const ESRCH = -3;
/** CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM: a thread without TLS or notifications. */
const placeholderFlags = 0x5_0f00;

/** Emits what makes the next process or thread get a wanted id. */
export type EmitNextId = (id: number) => void;

/**
 * Ids are given out one after the other, from where ns_last_pid says. Natively that is enough. Under qemu-user every
 * process has a thread of the emulator's own, which takes the next free id right after each fork; so a tree's ids are held
 * from the beginning by placeholder threads of the first process, each of which ends right before its id is needed.
 */
export function emitIdKeeping(emission: Emission): EmitNextId {
  const { program, temporaries, tree, target } = emission;
  const wanted = idsOf(tree).filter((id) => id !== tree.pid);
  if (wanted.length === 0) return () => {};
  program.call("openat", [AT_FDCWD, program.text(nextPidFile), O_WRONLY, 0], { describe: `open ${nextPidFile}` });
  const file = temporaries.adopt(nextPidFile);
  const emitLastId = (id: number): void => {
    const last = String(id - 1);
    program.call("lseek", [file, 0, 0], { expect: "ignore" });
    program.call("write", [file, program.text(last), last.length], { describe: `write ${nextPidFile}` });
  };
  if (target.execution === "native" || nodesOf(tree).length === 1) return emitLastId;
  const words = new Map(wanted.map((id) => [id, emitPlaceholder(emission, id, emitLastId)]));
  return (id) => {
    emitRelease(emission, id, words.get(id)!);
    emitLastId(id);
  };
}

/** @returns the word that ends the placeholder when it is set */
function emitPlaceholder({ program }: Emission, id: number, emitLastId: EmitNextId): Place {
  const word = program.shared();
  const made = new Label(`placeholder ${id}`);
  const parent = new Label(`after placeholder ${id}`);
  emitLastId(id);
  program.clone(id, made, { flags: placeholderFlags, stack: program.scratch(64, 16) });
  program.code.jump(parent);
  program.code.define(made);
  program.waitUntilSet(word);
  program.call("exit", [0], { expect: "ignore" });
  program.code.define(parent);
  return word;
}

/** Ends a placeholder, from whatever process, and waits until its id is free. */
function emitRelease({ program, tree }: Emission, id: number, word: Place): void {
  const again = new Label(`until ${id} is free`);
  program.set(word);
  program.code.define(again);
  program.call("sched_yield", [], { expect: "ignore" });
  program.call("tgkill", [tree.pid, id, 0], { expect: "ignore" });
  program.code.compare("result", ESRCH);
  program.code.jumpIf("notEqual", again);
}
