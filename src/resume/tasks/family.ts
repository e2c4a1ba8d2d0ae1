import type { Emission } from "../emission.ts";
import { emitControllingTerminal } from "../files/tty.ts";
import { Label, type Place } from "../machine-code/assembler.ts";
import type { ResumedProcess } from "../process.ts";
import { nodesOf, type TreeNode } from "../tree.ts";
import type { EmitNextId } from "./ids.ts";
import { emitThreadCreation, type WaitingThread } from "./threads.ts";

const SIGCHLD = 17;
const P_PID = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;

/** The words in which processes meet. */
export interface FamilyMeeting {
  /** 1 once every process and thread exists. */
  readonly complete: Place;
  /** How many processes besides the first are rebuilt. */
  readonly rebuilt: Place;
  /** 1 once all may go on in their programs. */
  readonly go: Place;
}

/** Rebuilds one process around itself and lets it go on; the code must not return. */
export type EmitProcess = (process: ResumedProcess, threads: readonly WaitingThread[]) => void;

/**
 * Forks the tree, depth first: each process makes its children, then its threads, tells its parent, and waits until all
 * exist. Strictly one after the other, since each wants an id of its own.
 */
export function emitFamily(emission: Emission, meeting: FamilyMeeting, emitNextId: EmitNextId, emitProcess: EmitProcess): void {
  const { program } = emission;
  const ready = new Map(nodesOf(emission.tree).map(({ pid }) => [pid, program.shared()]));

  const emitNode = (node: TreeNode, process: ResumedProcess): void => {
    const births = node.children.map((child) => {
      const code = new Label(`process ${child.pid}`);
      emitNextId(child.pid);
      program.clone(child.pid, code, [SIGCHLD, 0, 0, 0, 0]);
      if (child.process === undefined) emitAwaitDeath(emission, child);
      else program.waitUntilSet(ready.get(child.pid)!);
      return { child, code };
    });
    const threads = emitThreadCreation({ ...emission, process }, emitNextId);
    if (node === emission.tree) program.set(meeting.complete);
    else {
      program.set(ready.get(node.pid)!);
      program.waitUntilSet(meeting.complete);
    }
    if (node.group !== node.pid)
      program.call("setpgid", [0, node.group], { describe: `process group ${node.group} of ${node.pid}` });
    emitProcess(process, threads);
    for (const { child, code } of births) {
      program.code.define(code);
      if (child.session === child.pid) {
        program.call("setsid", [], { describe: `session of process ${child.pid}` });
        emitControllingTerminal(emission, child.session);
      } else if (child.group === child.pid) program.call("setpgid", [0, 0], { describe: `process group of ${child.pid}` });
      if (child.process === undefined) emitDeath(emission, child);
      else emitNode(child, child.process);
    }
  };
  emitNode(emission.tree, emission.tree.process);
}

/** Ends as the zombie did: by a signal, or with its status. */
function emitDeath({ program }: Emission, { pid, exitStatus }: TreeNode): void {
  const signal = exitStatus & 0x7f;
  if (signal !== 0) {
    program.call("rt_sigprocmask", [2, program.words([0n]), 0, 8], { expect: "ignore" });
    program.call("tgkill", [pid, pid, signal], { expect: "ignore" });
  }
  program.call("exit_group", [(exitStatus >> 8) & 0xff], { expect: "ignore" });
}

/** Waits for a child's death without reaping it, and takes the signal of it away: the program has had it. */
function emitAwaitDeath({ program }: Emission, { pid }: TreeNode): void {
  program.call("waitid", [P_PID, pid, program.scratch(128), WEXITED | WNOWAIT, 0], { describe: `death of process ${pid}` });
  const childSignal = program.words([1n << BigInt(SIGCHLD - 1)]);
  program.call("rt_sigtimedwait", [childSignal, 0, program.words([0n, 0n]), 8], { expect: "ignore" });
}

/** The end of the rebuilding: the first process waits for all others, the others for the first one's word. */
export function emitFamilyMeeting(
  { program, process, tree }: Emission,
  { rebuilt, go }: FamilyMeeting,
  onComplete: () => void,
): void {
  const others = nodesOf(tree).filter((node) => node !== tree && node.process !== undefined).length;
  if (process.pid === tree.pid) {
    program.waitUntilCount(rebuilt, others);
    onComplete();
    program.set(go);
    return;
  }
  program.increment(rebuilt);
  program.waitUntilSet(go);
}
