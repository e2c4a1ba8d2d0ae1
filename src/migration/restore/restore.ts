import type { Arrival, ArrivalOptions } from "../move.ts";
import type { Restorable } from "./restorable.ts";
import type { RestoreStrategy } from "./restore-options.ts";

/** A restore under way: the half of a move that makes the container on the target, with an archive instead of the source. */
export interface Restore extends Arrival {
  readonly archive: Restorable;
  readonly strategy: RestoreStrategy;
  readonly options: ArrivalOptions;
  /** The image to use where the archive's can't be had. */
  readonly image: string | undefined;
}
