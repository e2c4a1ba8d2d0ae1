import type { Entry, Listing } from "./listing.ts";

/** What must be done that a copy becomes like its original. Paths below the folder, in order. */
export interface Difference {
  /** To be copied: with the folders that they lie in, whose times change by it. */
  readonly changed: readonly string[];
  /** To be removed from the copy; what is below a removed folder is not named. */
  readonly removed: readonly string[];
}

/** Seconds. A change within one tick of the kernel's clock (at most 10 ms) after a look has the same time as one before it. */
const tick = 1;

/**
 * @param original as it is now
 * @param copy as it is now
 * @param before the original when it was copied last: what was changed since is copied although it looks the same (its times may have been set back)
 */
export function differenceOf(original: Listing, copy: Listing, before?: Listing): Difference {
  const carried = new Map([...original.entries].filter(([, { type }]) => type !== "s"));
  const groups = linked(carried);
  const isChanged = (path: string, entry: Entry): boolean => {
    const there = copy.entries.get(path);
    return there === undefined || !isAlike(entry, there) || (before !== undefined && changedSince(before, path, entry));
  };
  const changed = new Set([...carried].filter(([path, entry]) => isChanged(path, entry)).map(([path]) => path));
  for (const group of groups) {
    const inodes = new Set(group.map((path) => copy.entries.get(path)?.inode));
    if (inodes.size > 1 || group.some((path) => changed.has(path))) for (const path of group) changed.add(path);
  }
  const removed = [...copy.entries]
    .filter(([path, { type }]) => path !== "" && type !== "s" && original.entries.get(path)?.type !== type)
    .map(([path]) => path)
    .toSorted();
  const gone = new Set(removed);
  const outermost = removed.filter((path) => !parentsOf(path).some((parent) => gone.has(parent)));
  // What was below a folder that is a file now has gone with it.
  for (const path of [...changed, ...outermost]) {
    for (const parent of parentsOf(path)) if (carried.has(parent)) changed.add(parent);
  }
  return { changed: [...changed].toSorted(), removed: outermost };
}

/** Whether two entries have all in common that is carried, as far as a listing tells it. */
function isAlike(one: Entry, other: Entry): boolean {
  const { type, size, modified, mode, owner, group, leadsTo } = one;
  if (type !== other.type || owner !== other.owner || group !== other.group || leadsTo !== other.leadsTo) return false;
  if (type !== "l" && mode !== other.mode) return false;
  return modified === other.modified && (type !== "f" || size === other.size);
}

function changedSince({ at, entries }: Listing, path: string, { changed }: Entry): boolean {
  return entries.get(path)?.changed !== changed || Number(changed) >= at - tick;
}

/** The names of each file that has several. */
function linked(entries: ReadonlyMap<string, Entry>): string[][] {
  const groups = Map.groupBy(
    [...entries].filter(([, { type, names }]) => type !== "d" && names > 1),
    ([, { inode }]) => inode,
  );
  return [...groups.values()].map((group) => group.map(([path]) => path));
}

/** `a/b/c` → `a/b`, `a`, and the folder itself. */
function parentsOf(path: string): string[] {
  if (path === "") return [];
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, parts.length - 1 - index).join("/"));
}
