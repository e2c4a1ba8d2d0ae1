import type { ArchiveLimits } from "../../archive/limits.ts";
import type { RefusalReason } from "../../archive/refusal.ts";

/** A hostile archive, and what must be said of it. */
export interface Mutation {
  readonly name: string;
  /** `details.reason`, or the code of another error. */
  readonly expected: RefusalReason | "image-corrupt";
  /** The file's bytes. */
  readonly archive: () => Buffer | Promise<Buffer>;
  readonly limits?: Partial<ArchiveLimits>;
  readonly identityFile?: string;
}

/** Places in a list where something is put: before all, in the middle, after all. */
export function places(length: number): readonly (readonly [where: string, index: number])[] {
  return [
    ["first", 0],
    ["in the middle", length >> 1],
    ["last", length],
  ];
}

export function inserted<Item>(list: readonly Item[], index: number, item: Item): Item[] {
  return [...list.slice(0, index), item, ...list.slice(index)];
}

export function replaced<Item>(list: readonly Item[], index: number, item: Item): Item[] {
  return list.map((each, at) => (at === index ? item : each));
}
