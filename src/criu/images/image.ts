import type { EntryOf, HeadOf, ImageKindName } from "./kinds.ts";

/** What precedes an image's own magic: images since version 1.1, service files, or nothing (version 1.0 and the inventory). */
export type Framing = "common" | "service" | "bare";

export interface ImageEntry<Entry> {
  readonly message: Entry;
  /** The raw bytes after the entry, with their padding. Absent when there are none. */
  readonly extra?: Uint8Array;
}

/** An image file as typed data. Unknown fields are kept, so that encoding gives the same file back. */
export interface Image<Kind extends ImageKindName> {
  readonly kind: Kind;
  readonly framing: Framing;
  /** The first entry of a pagemap. */
  readonly head?: HeadOf<Kind>;
  readonly entries: readonly ImageEntry<EntryOf<Kind>>[];
}
