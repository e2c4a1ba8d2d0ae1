import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { FileEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import type { GroupPart } from "../group.ts";
import type { ResumedProcess } from "../process.ts";
import type { ResumeTarget } from "../target.ts";

/** The members of a `FileEntry` of which one is set: each is a kind of open file. */
export type FileMember = Exclude<keyof FileEntry, "type" | "id">;

/** Temporary descriptors by file id. */
export type OpenedFiles = ReadonlyMap<number, number>;

/** Where a file is found that is judged. */
export interface FileSurroundings {
  readonly images: CheckpointImages;
  readonly process: ResumedProcess;
  /** What the runtime says of descriptors 0, 1 and 2 (descriptors.json): pipes named there are the engine's. */
  readonly engineStdio: readonly string[];
  readonly target: ResumeTarget;
  /** Undefined for a container that is resumed alone. */
  readonly group?: GroupPart | undefined;
}

interface Definition<Entry> {
  /** Why one can't be carried, for people; empty when it can. */
  readonly refuse: (entry: Entry, surroundings: FileSurroundings) => string[];
  /**
   * Emits, once for the whole tree, what opens each of them as it was. `opened` holds those of the kinds before. What is left out
   * is opened by `finish`.
   */
  readonly open: (emission: Emission, entries: readonly Entry[], opened: OpenedFiles) => OpenedFiles;
  /** Emits what must wait until all descriptors of a process have their numbers. */
  readonly finish?: (emission: Emission, descriptor: number, entry: Entry) => void;
}

/** One kind of open file: whether it can be carried, and how it is opened again. */
export interface FileKind extends Definition<FileEntry> {
  readonly member: FileMember;
}

/** Makes a kind of what is known of one member of `FileEntry`. */
export function defineFileKind<Member extends FileMember>(
  member: Member,
  { refuse, open, finish }: Definition<NonNullable<FileEntry[Member]>>,
): FileKind {
  const entryOf = (file: FileEntry) => file[member] as NonNullable<FileEntry[Member]>;
  return {
    member,
    refuse: (file, surroundings) => refuse(entryOf(file), surroundings),
    open: (emission, files, opened) => open(emission, files.map(entryOf), opened),
    ...(finish && { finish: (emission, descriptor, file) => finish(emission, descriptor, entryOf(file)) }),
  };
}

/** For kinds whose files are opened one after the other. `open` emits it and returns the temporary descriptor. */
export function oneByOne<Entry extends { readonly id: number }>(
  open: (emission: Emission, entry: Entry, opened: OpenedFiles) => number,
): Definition<Entry>["open"] {
  return (emission, entries, opened) => new Map(entries.map((entry) => [entry.id, open(emission, entry, opened)]));
}

/** For kinds that are always carried. */
export function refuseNothing(): string[] {
  return [];
}
