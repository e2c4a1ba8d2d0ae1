import assert from "node:assert/strict";
import test from "node:test";
import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { taskState } from "../criu/images/flags.ts";
import { birthsOf, idsOf, planBirths } from "./tasks/births.ts";
import { syntheticImages } from "./testing/synthetic-images.ts";
import { nodesOf, processesOf, readTree, sharingReasons } from "./tree.ts";

interface Relation {
  readonly pid: number;
  readonly ppid?: number;
  readonly pgid?: number;
  readonly sid?: number;
  readonly threads?: readonly number[];
}

/** Images of a tree; `dead`: zombies with their wait status, `together`: processes with one memory. */
function treeOf(
  relations: readonly Relation[],
  dead: Readonly<Record<number, number>> = {},
  together: readonly number[] = [],
): CheckpointImages {
  const single = syntheticImages();
  const core = single.core(1);
  return {
    ...single,
    pstree: relations.map(({ pid, ppid = pid === 1 ? 0 : 1, pgid = 1, sid = 1, threads = [pid] }) => ({
      pid,
      ppid,
      pgid,
      sid,
      threads,
    })),
    core: (tid) => {
      const status = dead[tid];
      return status === undefined ? core : { ...core, tc: { ...core.tc!, task_state: taskState.DEAD, exit_code: status } };
    },
    ids: (pid) => ({ ...single.ids(1)!, vm_id: together.includes(pid) ? 99 : pid, files_id: pid, fs_id: pid, sighand_id: pid }),
  };
}

const reasons = (images: CheckpointImages) => planBirths(readTree(images)).reasons;
/** Births in their order: `7` for a process, `(5` for a helper and `)` behind those that it bears. */
const births = (images: CheckpointImages) =>
  birthsOf(planBirths(readTree(images)).birth).map(({ pid, node, begins, joins }) =>
    [node === undefined ? `helper ${pid}` : pid, begins === "nothing" ? "" : begins, joins ?? ""].join(" ").trim(),
  );

test("tree: parents, children in the order of their ids, and all ids", () => {
  const tree = readTree(treeOf([{ pid: 1, threads: [1, 4] }, { pid: 30 }, { pid: 7 }, { pid: 31, ppid: 7, threads: [31, 33] }]));
  assert.deepEqual(
    nodesOf(tree).map(({ pid }) => pid),
    [1, 7, 31, 30],
  );
  assert.deepEqual(idsOf(tree), [1, 4, 7, 30, 31, 33]);
  assert.deepEqual(
    processesOf(tree).map(({ pid }) => pid),
    [1, 7, 31, 30],
  );
});

test("tree: a zombie is a node without a process, with its status", () => {
  const tree = readTree(treeOf([{ pid: 1 }, { pid: 9 }], { 9: 7 << 8 }));
  const [zombie] = tree.children;
  assert.equal(zombie?.process, undefined);
  assert.equal(zombie?.exitStatus, 7 << 8);
  assert.equal(processesOf(tree).length, 1);
  assert.deepEqual(idsOf(tree), [1, 9]);
});

test("tree: damaged relations", () => {
  assert.throws(() => readTree(treeOf([])), { code: "image-corrupt" });
  assert.throws(() => readTree(treeOf([{ pid: 1 }], { 1: 0 })), { code: "image-corrupt" });
  assert.throws(() => readTree(treeOf([{ pid: 1, ppid: 7 }, { pid: 7 }])), { code: "image-corrupt" });
});

test("tree: sessions and groups of living leaders can be made again", () => {
  const daemon = { pid: 7, sid: 7, pgid: 7 };
  const worker = { pid: 8, ppid: 7, sid: 7, pgid: 7 };
  const job = { pid: 9, pgid: 9 };
  const member = { pid: 10, pgid: 9 };
  assert.deepEqual(reasons(treeOf([{ pid: 1 }, daemon, worker, job, member])), []);
});

test("births: orphans in a session without a leader come from a helper, a group without a leader from another", () => {
  const orphans = treeOf([{ pid: 1 }, { pid: 8, sid: 5, pgid: 8 }, { pid: 9, sid: 5, pgid: 5 }, { pid: 10 }]);
  assert.deepEqual(births(orphans), ["1 session", "10", "helper 5 session", "8 group", "9"]);
  assert.deepEqual(idsOf(readTree(orphans)), [1, 5, 8, 9, 10]);
  const members = treeOf([{ pid: 1 }, { pid: 8, pgid: 5 }, { pid: 9, pgid: 5 }]);
  assert.deepEqual(births(members), ["1 session", "8  5", "9"]);
  assert.deepEqual(idsOf(readTree(members)), [1, 5, 8, 9]);
});

test("births: a child that its parent left behind when it began a session is born before that", () => {
  const left = treeOf([
    { pid: 1 },
    { pid: 7, sid: 7, pgid: 7 },
    { pid: 8, ppid: 7, sid: 1, pgid: 8 },
    { pid: 9, ppid: 7, sid: 7 },
  ]);
  const seven = planBirths(readTree(left)).birth.after[0];
  assert.deepEqual([seven?.before.map(({ pid }) => pid), seven?.after.map(({ pid }) => pid)], [[8], [9]]);
});

test("births: what can't be made again is named", () => {
  const living = [{ pid: 1 }, { pid: 5, sid: 5, pgid: 5 }, { pid: 8, sid: 5, pgid: 8 }];
  assert.deepEqual(reasons(treeOf(living)), ["process 8 is in session 5, which its parent has left"]);
  const underOther = [{ pid: 1 }, { pid: 7 }, { pid: 8, ppid: 7, sid: 5, pgid: 8 }];
  assert.deepEqual(reasons(treeOf(underOther)), ["process 8 is in session 5, which its parent has left"]);
  const elsewhere = [{ pid: 1 }, { pid: 5, sid: 5, pgid: 5 }, { pid: 8, pgid: 5 }];
  assert.deepEqual(reasons(treeOf(elsewhere)), ["process 8 is in process group 5, whose leader is in another session"]);
  assert.deepEqual(reasons(treeOf([{ pid: 1 }, { pid: 8, sid: 5, pgid: 5 }], { 8: 0 })), [], "a zombie's are nobody's concern");
});

test("tree: processes that share memory without being threads", () => {
  const sharing = (images: CheckpointImages) => sharingReasons(images, readTree(images));
  assert.deepEqual(sharing(treeOf([{ pid: 1 }, { pid: 8 }, { pid: 9 }], {}, [8, 9])), ["processes 8 and 9 share memory"]);
});
