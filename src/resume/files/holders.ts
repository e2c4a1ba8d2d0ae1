import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { FdinfoEntry } from "../../criu/images/schema/index.ts";

/** A process that has a file open. */
export interface Holder {
  readonly pid: number;
  readonly descriptors: readonly FdinfoEntry[];
}

/** The processes that have an open file description, in the order of the tree. */
export function holdersOf(images: CheckpointImages, id: number): Holder[] {
  return images.pstree
    .flatMap(({ pid }): Holder[] => {
      const ids = images.ids(pid);
      return ids === undefined ? [] : [{ pid, descriptors: images.fdinfo(ids.files_id) }];
    })
    .filter(({ descriptors }) => descriptors.some((descriptor) => descriptor.id === id));
}
