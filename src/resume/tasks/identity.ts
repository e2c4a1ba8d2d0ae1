import type { Emission } from "../emission.ts";
import { at, Label } from "../machine-code/assembler.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { filePath } from "../process.ts";

const PR_SET_MM = 35;
const PR_SET_MM_MAP = 14;
const PR_SET_THP_DISABLE = 41;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_SET_DUMPABLE = 4;
const RLIMIT_NOFILE = 7;
const O_WRONLY = 1;

/** Directory, umask, how soon the process is killed for memory, and the switches of prctl and membarrier that belong to all of it. */
export function emitIdentity({ program, process, images, target, unlinked }: Emission): void {
  // It changes speed only, and qemu-user does not know it.
  const native = target.execution === "native";
  const directory = filePath(images, process.fileSystem.cwd_id);
  const describe = `change to the directory ${directory}`;
  const deleted = unlinked.get(process.fileSystem.cwd_id);
  if (deleted === undefined) program.call("chdir", [program.text(directory)], { describe });
  else program.call("fchdir", [deleted], { describe });
  if (process.task.personality !== 0)
    program.call("personality", [personalityOf(process.task.personality)], { describe: "personality" });
  program.call("umask", [process.fileSystem.umask ?? 0o22], { expect: "ignore" });
  if (process.memory.thp_disabled === true)
    program.call("prctl", [PR_SET_THP_DISABLE, 1, 0, 0, 0], {
      expect: native ? "ok" : "ignore",
      describe: "disable transparent huge pages",
    });
  if (process.task.child_subreaper === true && !target.lacks.has("subreapers"))
    program.call("prctl", [PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0], { describe: "child subreaper" });
  const score = process.task.oom_score_adj;
  if (score !== undefined) {
    // Lowering it needs CAP_SYS_RESOURCE: then it stays what the target's engine gave the container.
    program.call("openat", [AT_FDCWD, program.text("/proc/self/oom_score_adj"), O_WRONLY, 0], { expect: "ignore" });
    program.code.moveRegister("kept", "result");
    program.call("write", ["kept", program.text(String(score)), String(score).length], { expect: "ignore" });
    program.call("close", ["kept"], { expect: "ignore" });
  }
  const membarrier = process.task.membarrier_registration_mask ?? 0;
  for (let bit = 0; bit < 32; bit++) {
    if ((membarrier >>> bit) & 1) program.call("membarrier", [1 << bit, 0, 0], { describe: `membarrier registration ${bit}` });
  }
}

/**
 * CRIU reads the hexadecimal number of /proc/<pid>/personality as a decimal one (criu/cr-dump.c, get_task_personality): its digits
 * are right as long as none is a letter, which `check` sees in the living process.
 */
function personalityOf(digits: number): number {
  return Number.parseInt(String(digits), 16);
}

/** After all that is found by a path. */
export function emitRoot({ program, process, images }: Emission): void {
  const root = filePath(images, process.fileSystem.root_id);
  if (root !== "/") program.call("chroot", [program.text(root)], { describe: `change the root directory to ${root}` });
}

/** After the credentials: changing them resets it (commit_creds in kernel/cred.c). */
export function emitDumpable({ program, process }: Emission): void {
  const dumpable = process.memory.dumpable ?? 1;
  if (dumpable <= 1) program.call("prctl", [PR_SET_DUMPABLE, dumpable, 0, 0, 0], { describe: "dumpable" });
}

/** The program's own descriptors need room above those of the process. */
export function emitDescriptorRoom({ program }: Emission): void {
  const limit = program.scratch(16);
  program.call("prlimit64", [0, RLIMIT_NOFILE, 0, limit], { describe: "descriptor limit" });
  program.load("result", { valueAt: at(limit.label, 8) });
  program.code.store(limit, "result");
  program.call("prlimit64", [0, RLIMIT_NOFILE, limit, 0], { describe: "raise the descriptor limit" });
}

/**
 * Resource limits. Where the target's engine gave the container a lower hard limit (it comes from the engine's own, where
 * the container sets none), it can't be raised without CAP_SYS_RESOURCE: then the soft limit is as near as it can be.
 */
export function emitLimits({ program, process }: Emission): void {
  for (const [resource, { cur, max }] of (process.task.rlimits?.rlimits ?? []).entries()) {
    const done = new Label("limit");
    program.call("prlimit64", [0, resource, program.words([cur, max]), 0], { expect: "ignore" });
    program.code.compare("result", 0);
    program.code.jumpIf("equal", done);
    const present = program.scratch(16);
    program.call("prlimit64", [0, resource, 0, present], { describe: `limit ${resource}` });
    const fits = new Label("the soft limit fits");
    program.load("result", { valueAt: at(present.label, 8) });
    program.code.move("temporary", cur);
    program.code.compareRegister("temporary", "result");
    program.code.jumpIf("aboveOrEqual", fits);
    program.code.moveRegister("result", "temporary");
    program.code.define(fits);
    program.code.store(present, "result");
    program.call("prlimit64", [0, resource, present, 0], { describe: `limit ${resource}` });
    program.code.define(done);
  }
}

/**
 * Natively: where code, data, heap, stack, arguments and environment lie, the auxiliary vector and /proc/self/exe
 * (needs CAP_CHECKPOINT_RESTORE, and that nothing of the old executable is mapped any more: kernel/sys.c).
 */
export function emitMemoryMap({ program, process, images, temporaries, unlinked }: Emission): void {
  const { memory } = process;
  const path = filePath(images, memory.exe_file_id);
  const deleted = unlinked.get(memory.exe_file_id);
  if (deleted === undefined)
    program.call("openat", [AT_FDCWD, program.text(path), 0, 0], { describe: `open the executable ${path}` });
  const executable = deleted ?? temporaries.adopt(path);
  const vector = memory.mm_saved_auxv;
  const map = program.words([
    memory.mm_start_code,
    memory.mm_end_code,
    memory.mm_start_data,
    memory.mm_end_data,
    memory.mm_start_brk,
    memory.mm_brk,
    memory.mm_start_stack,
    memory.mm_arg_start,
    memory.mm_arg_end,
    memory.mm_env_start,
    memory.mm_env_end,
    program.words(vector),
    BigInt(vector.length * 8) | (BigInt(executable) << 32n),
  ]);
  program.call("prctl", [PR_SET_MM, PR_SET_MM_MAP, map, 13 * 8, 0], { describe: "memory map of the process" });
  temporaries.close(executable);
}
