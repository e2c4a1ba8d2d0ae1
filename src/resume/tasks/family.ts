import type { Emission } from "../emission.ts";
import { emitControllingTerminal } from "../files/tty.ts";
import { Label, type Place } from "../machine-code/assembler.ts";
import type { ResumedProcess } from "../process.ts";
import { nodesOf, type TreeNode } from "../tree.ts";
import { type Birth, birthsOf, planBirths } from "./births.ts";
import type { EmitNextId } from "./ids.ts";
import { emitThreadCreation, type WaitingThread } from "./threads.ts";

const SIGCHLD = 17;
const P_PID = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const PR_SET_CHILD_SUBREAPER = 36;

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
  const { program, tree } = emission;
  const { birth: first } = planBirths(tree);
  const ready = new Map(birthsOf(first).map(({ pid }) => [pid, program.shared()]));

  const emitBirths = (births: readonly Birth[]): Child[] =>
    births.map((birth) => {
      const code = new Label(`process ${birth.pid}`);
      emitNextId(birth.pid);
      program.clone(birth.pid, code, { flags: SIGCHLD });
      if (birth.node?.process !== undefined) program.waitUntilSet(ready.get(birth.pid)!);
      else emitAwaitDeath(emission, birth);
      return { birth, code };
    });
  const emitLife = (birth: Birth): void => {
    const { pid, node, begins } = birth;
    if (birth.adopts) program.call("prctl", [PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0], { describe: `subreaper ${pid}` });
    const children = emitBirths(birth.before);
    // The first process begins its session, if any, before the runtime starts it.
    if (birth !== first && begins === "session") {
      program.call("setsid", [], { describe: `session of process ${pid}` });
      emitControllingTerminal(emission, pid);
    }
    if (birth !== first && begins === "group") program.call("setpgid", [0, 0], { describe: `process group of ${pid}` });
    children.push(...emitBirths(birth.after));
    if (birth.joins !== undefined) emitJoin(emission, birth.joins, emitNextId);
    if (node?.process === undefined) emitDeath(emission, birth);
    else emitRebuilding(node, node.process);
    for (const child of children) {
      program.code.define(child.code);
      emitLife(child.birth);
    }
  };
  const emitRebuilding = (node: TreeNode, process: ResumedProcess): void => {
    const threads = emitThreadCreation({ ...emission, process }, emitNextId);
    if (node.pid === tree.pid) program.set(meeting.complete);
    else {
      program.set(ready.get(node.pid)!);
      program.waitUntilSet(meeting.complete);
    }
    if (node.group !== node.pid)
      program.call("setpgid", [0, node.group], { describe: `process group ${node.group} of ${node.pid}` });
    emitProcess(process, threads);
  };
  emitLife(first);
}

interface Child {
  readonly birth: Birth;
  readonly code: Label;
}

/** Enters a process group whose leader has ended: a helper leads it until the process is in it. */
function emitJoin(emission: Emission, group: number, emitNextId: EmitNextId): void {
  const { program } = emission;
  const [begun, joined] = [program.shared(), program.shared()];
  const helper = new Label(`leader of group ${group}`);
  const after = new Label(`in group ${group}`);
  emitNextId(group);
  program.clone(group, helper, { flags: SIGCHLD });
  program.waitUntilSet(begun);
  program.call("setpgid", [0, group], { describe: `process group ${group}` });
  program.set(joined);
  emitAwaitDeath(emission, { pid: group, node: undefined });
  program.code.jump(after);
  program.code.define(helper);
  program.call("setpgid", [0, 0], { describe: `process group ${group}` });
  program.set(begun);
  program.waitUntilSet(joined);
  program.call("exit_group", [0], { expect: "ignore" });
  program.code.define(after);
}

/** Ends as the zombie did: by a signal, or with its status. A helper just ends. */
function emitDeath({ program }: Emission, { pid, node }: Birth): void {
  const exitStatus = node?.exitStatus ?? 0;
  const signal = exitStatus & 0x7f;
  if (signal !== 0) {
    program.call("rt_sigprocmask", [2, program.words([0n]), 0, 8], { expect: "ignore" });
    program.call("tgkill", [pid, pid, signal], { expect: "ignore" });
  }
  program.call("exit_group", [(exitStatus >> 8) & 0xff], { expect: "ignore" });
}

/** Waits for a child's death, and takes the signal of it away: the program has had it. A zombie stays to be reaped by the program. */
function emitAwaitDeath({ program }: Emission, { pid, node }: Pick<Birth, "pid" | "node">): void {
  const options = node === undefined ? WEXITED : WEXITED | WNOWAIT;
  program.call("waitid", [P_PID, pid, program.scratch(128), options, 0], { describe: `death of process ${pid}` });
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
