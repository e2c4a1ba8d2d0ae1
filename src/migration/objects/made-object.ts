/** The machine on which an object is. */
export type Role = "source" | "target";

/**
 * Something that a move makes or changes, as data: the journal keeps it, and it alone must be enough to undo it, by a later
 * run of the tool too. `kinds.ts` says how.
 */
export type MadeObject =
  /** The move's claim on the resume runtime, which is registered with the target's engine unless it is there. */
  | { readonly object: "runtime" }
  | { readonly object: "image"; readonly id: string }
  /** An image that is pulled by its name: its id is not known before. */
  | { readonly object: "pulled-image"; readonly name: string }
  /** A named volume that the engine makes with the container. */
  | { readonly object: "volume"; readonly name: string }
  /** A network of the container. It carries the move's id as a label. */
  | { readonly object: "network"; readonly name: string }
  /** The folder that a bind mount is of: about to be made, or made and filled. */
  | { readonly object: "bind"; readonly path: string; readonly filled: boolean }
  /** The container on the target. It carries the move's id as a label. */
  | { readonly object: "container"; readonly name: string }
  /** The package on the target. */
  | { readonly object: "folder"; readonly path: string }
  /** The source's container is frozen. */
  | { readonly object: "freeze"; readonly id: string; readonly name: string }
  /** The dump and the package on this machine. */
  | { readonly object: "work"; readonly path: string }
  /** The dump on a source that is another machine, until it is fetched. */
  | { readonly object: "dump"; readonly path: string }
  /** A file that is written under a temporary name on this machine. */
  | { readonly object: "file"; readonly path: string };

export type ObjectName = MadeObject["object"];
