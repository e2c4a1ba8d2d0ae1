import { nodesOf, type TreeNode, type TreeRoot } from "../tree.ts";

/**
 * How a process comes into the world. A session is entered only by being born into it, so who forks whom follows the
 * sessions, not the parents: a process whose parent has gone is forked by a helper of its session, which ends at once, so that the kernel gives
 * the orphan to the first process or a subreaper, as it did when its parent ended.
 */
export interface Birth {
  readonly pid: number;
  /** Undefined: a helper. */
  readonly node: TreeNode | undefined;
  /** Forked before it begins a session of its own: they are in the one that it was born into. */
  readonly before: readonly Birth[];
  readonly begins: "session" | "group" | "nothing";
  /** Forked after that. */
  readonly after: readonly Birth[];
  /** The process group that it enters at once, by a helper that leads it, since the group's leader has ended. */
  readonly joins: number | undefined;
  /** Whether it must be a subreaper already while orphans are given to it. */
  readonly adopts: boolean;
}

interface Planner {
  readonly root: TreeRoot;
  readonly nodes: ReadonlyMap<number, TreeNode>;
  readonly parents: ReadonlyMap<TreeNode, TreeNode>;
  readonly reasons: string[];
  /** Groups whose leader has ended, and which a process has been told to begin. */
  readonly begun: Set<number>;
}

/** @returns the birth of the first process, and why others can't be born, for people */
export function planBirths(root: TreeRoot): { readonly birth: Birth; readonly reasons: readonly string[] } {
  const nodes = nodesOf(root);
  const parents = new Map(nodes.flatMap((parent) => parent.children.map((child) => [child, parent] as const)));
  const planner = { root, nodes: new Map(nodes.map((node) => [node.pid, node])), parents, reasons: [], begun: new Set<number>() };
  return { birth: plan(planner, root, root.session), reasons: planner.reasons };
}

/** All births, in the order in which they happen. */
export function birthsOf(birth: Birth): Birth[] {
  return [birth, ...[...birth.before, ...birth.after].flatMap(birthsOf)];
}

/** @param bornInto the session that the process is in at first */
function plan(planner: Planner, node: TreeNode, bornInto: number): Birth {
  const leads = node.session === node.pid;
  const before: Birth[] = [];
  const after: Birth[] = [];
  const orphans = new Map<number, TreeNode[]>();
  for (const child of node.children) {
    if (child.session === child.pid || child.session === node.session) after.push(plan(planner, child, node.session));
    else if (leads && child.session === bornInto) before.push(plan(planner, child, bornInto));
    // Of a zombie, only its end matters to anybody.
    else if (child.process === undefined) after.push(plan(planner, child, node.session));
    else orphans.set(child.session, [...(orphans.get(child.session) ?? []), child]);
  }
  for (const [session, children] of orphans) after.push(...planOrphans(planner, node, session, children));
  return {
    pid: node.pid,
    node,
    before,
    begins: leads ? "session" : node.group === node.pid ? "group" : "nothing",
    after,
    joins: leaderlessGroup(planner, node),
    adopts: node !== planner.root && orphans.size > 0,
  };
}

/** Orphans in a session whose leader has ended too: a helper with the leader's id begins it. */
function planOrphans(planner: Planner, parent: TreeNode, session: number, children: readonly TreeNode[]): Birth[] {
  const takesOrphans = parent === planner.root || parent.process?.task.child_subreaper === true;
  if (planner.nodes.has(session) || !takesOrphans) {
    for (const { pid } of children) planner.reasons.push(`process ${pid} is in session ${session}, which its parent has left`);
    return [];
  }
  const after = children.map((child) => plan(planner, child, session));
  return [{ pid: session, node: undefined, before: [], begins: "session", after, joins: undefined, adopts: false }];
}

/** The group that a process must begin with a helper, as the first of its members to be born. */
function leaderlessGroup({ nodes, begun, reasons }: Planner, { pid, group, session, process }: TreeNode): number | undefined {
  if (process === undefined || group === pid) return undefined;
  const leader = nodes.get(group);
  if (leader !== undefined) {
    if (leader.session !== session)
      reasons.push(`process ${pid} is in process group ${group}, whose leader is in another session`);
    return undefined;
  }
  // A session's helper is still there when its members are born, and leads the group of the same id.
  if (group === session || begun.has(group)) return undefined;
  begun.add(group);
  return group;
}

/** Every process and thread id that the tree needs, helpers' too. */
export function idsOf(root: TreeRoot): number[] {
  const births = birthsOf(planBirths(root).birth);
  const ids = births.flatMap(({ pid, node, joins }) => [
    pid,
    ...(node?.process?.threads ?? []).map(({ tid }) => tid),
    ...(joins === undefined ? [] : [joins]),
  ]);
  return [...new Set(ids)].toSorted((a, b) => a - b);
}
