import { MigrationError } from "../../errors.ts";
import type { ImageKindName } from "./kinds.ts";
import type { LoadedImages } from "./loaded-images.ts";
import { type FdType, type FileEntry, fdType } from "./schema/index.ts";

type Member = Exclude<keyof FileEntry, "type" | "id" | symbol>;

/** Which member of a file entry is set, by its type; and the file that old CRIU had for this type alone. */
const members: { readonly [Type in FdType]?: { readonly member: Member; readonly legacy?: ImageKindName } } = {
  [fdType.values.REG]: { member: "reg", legacy: "reg-files" },
  [fdType.values.PIPE]: { member: "pipe", legacy: "pipes" },
  [fdType.values.FIFO]: { member: "fifo", legacy: "fifo" },
  [fdType.values.INETSK]: { member: "isk", legacy: "inetsk" },
  [fdType.values.UNIXSK]: { member: "usk", legacy: "unixsk" },
  [fdType.values.EVENTFD]: { member: "efd", legacy: "eventfd" },
  [fdType.values.EVENTPOLL]: { member: "epfd", legacy: "eventpoll" },
  [fdType.values.INOTIFY]: { member: "ify", legacy: "inotify" },
  [fdType.values.SIGNALFD]: { member: "sgfd", legacy: "signalfd" },
  [fdType.values.PACKETSK]: { member: "psk", legacy: "packetsk" },
  [fdType.values.TTY]: { member: "tty", legacy: "tty" },
  [fdType.values.FANOTIFY]: { member: "ffy", legacy: "fanotify" },
  [fdType.values.NETLINKSK]: { member: "nlsk", legacy: "netlinksk" },
  [fdType.values.NS]: { member: "nsf", legacy: "ns-files" },
  [fdType.values.TUNF]: { member: "tunf", legacy: "tunfile" },
  [fdType.values.EXT]: { member: "ext", legacy: "ext-files" },
  [fdType.values.TIMERFD]: { member: "tfd", legacy: "timerfd" },
  [fdType.values.MEMFD]: { member: "memfd" },
  [fdType.values.BPFMAP]: { member: "bpf", legacy: "bpfmap-file" },
  [fdType.values.PIDFD]: { member: "pidfd", legacy: "pidfd" },
};

/**
 * All open files by id, from files.img and from the one-type files of old CRIU.
 * @throws MigrationError `image-corrupt` when an id occurs twice, an entry lacks what its type names, or a name can't be one
 */
export function openFiles(images: LoadedImages): ReadonlyMap<number, FileEntry> {
  const files = new Map<number, FileEntry>();
  for (const entry of [...images.messages("files"), ...legacyEntries(images)]) {
    const member = members[entry.type]?.member;
    if (member === undefined || entry[member] === undefined) {
      throw corrupt(`file ${entry.id} has type ${entry.type}, but not what belongs to it`);
    }
    if (files.has(entry.id)) {
      throw corrupt(`two files have the id ${entry.id}`);
    }
    if (entry.reg?.name.includes("\0") === true) {
      throw corrupt(`the name of file ${entry.id} has a zero byte in it`);
    }
    files.set(entry.id, entry);
  }
  return files;
}

function legacyEntries(images: LoadedImages): FileEntry[] {
  return (Object.entries(members) as unknown as [string, { member: Member; legacy?: ImageKindName }][]).flatMap(
    ([type, { member, legacy }]) =>
      legacy === undefined
        ? []
        : (images.messages(legacy) as readonly { readonly id: number }[]).map(
            (file): FileEntry => ({ type: Number(type) as FdType, id: file.id, [member]: file }),
          ),
  );
}

function corrupt(why: string): MigrationError {
  return new MigrationError("image-corrupt", `files.img: ${why}`, {
    remedy: "Take the checkpoint again.",
    details: { file: "files.img" },
  });
}
