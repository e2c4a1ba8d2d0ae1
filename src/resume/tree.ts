import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { taskState } from "../criu/images/flags.ts";
import { MigrationError } from "../errors.ts";
import { type ResumedProcess, readProcess } from "./process.ts";

/** A process among its relatives. */
export interface TreeNode {
  readonly pid: number;
  /** Process group and session, as ids of their leaders. */
  readonly group: number;
  readonly session: number;
  /** Undefined for a zombie. */
  readonly process: ResumedProcess | undefined;
  /** The wait status of a zombie. */
  readonly exitStatus: number;
  /** In the order of their pids. */
  readonly children: readonly TreeNode[];
}

/** The first process of a container, which is never a zombie. */
export interface TreeRoot extends TreeNode {
  readonly process: ResumedProcess;
}

/**
 * The process tree of a checkpoint.
 * @throws MigrationError `cannot-carry`, `image-corrupt`
 */
export function readTree(images: CheckpointImages): TreeRoot {
  const [first] = images.pstree;
  const root = first === undefined ? undefined : readNode(images, first.pid, new Set());
  if (root?.process === undefined) throw new MigrationError("image-corrupt", "the checkpoint holds no living first process");
  return { ...root, process: root.process };
}

function readNode(images: CheckpointImages, pid: number, above: ReadonlySet<number>): TreeNode {
  const entry = images.pstree.find((candidate) => candidate.pid === pid);
  if (entry === undefined || above.has(pid)) throw new MigrationError("image-corrupt", `process ${pid} is its own ancestor`);
  const task = images.core(pid).tc;
  const isZombie = task?.task_state === taskState.DEAD || task?.task_state === taskState.ZOMBIE;
  const children = images.pstree.filter(({ ppid }) => ppid === pid).toSorted((a, b) => a.pid - b.pid);
  return {
    pid,
    group: entry.pgid,
    session: entry.sid,
    process: isZombie ? undefined : readProcess(images, entry),
    exitStatus: isZombie ? (task?.exit_code ?? 0) : 0,
    children: children.map((child) => readNode(images, child.pid, new Set([...above, pid]))),
  };
}

/** A node and all below it, parents first. */
export function nodesOf(node: TreeNode): TreeNode[] {
  return [node, ...node.children.flatMap(nodesOf)];
}

/** The living processes, the first one first. */
export function processesOf(root: TreeRoot): [ResumedProcess, ...ResumedProcess[]] {
  const [, ...others] = nodesOf(root);
  return [root.process, ...others.flatMap(({ process }) => (process === undefined ? [] : [process]))];
}

/** Processes (not threads) that share memory, descriptors, directories or handlers, as vfork and odd uses of clone make them. */
export function sharingReasons(images: CheckpointImages, root: TreeRoot): string[] {
  const kinds = [
    ["vm_id", "memory"],
    ["files_id", "their descriptors"],
    ["fs_id", "their directory"],
    ["sighand_id", "their signal handlers"],
  ] as const;
  const alive = nodesOf(root).filter(({ process }) => process !== undefined);
  return kinds.flatMap(([key, what]) => {
    const groups = Map.groupBy(alive, ({ pid }) => images.ids(pid)?.[key]);
    return [...groups.values()]
      .filter((group) => group.length > 1)
      .map((group) => `processes ${group.map(({ pid }) => pid).join(" and ")} share ${what}`);
  });
}
