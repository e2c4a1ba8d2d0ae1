import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { lockReasons } from "./files/locks.ts";
import { isDevice, type TemporaryFolder, temporaryFolders } from "./files/temporary-files.ts";
import { ipcReasons } from "./ipc/objects.ts";

/** Memory file systems that every container has. */
const standardFolders: readonly string[] = ["/dev", "/dev/shm"];
const shownFiles = 5;

/**
 * What belongs to the container rather than to one of its processes, and can't be carried.
 * @param ownFolders where the container has memory file systems beyond those that every container has
 */
export function containerReasons(images: CheckpointImages, ownFolders: readonly string[]): string[] {
  return [
    ...images.fileLocks.flatMap((lock) => lockReasons(images, lock)),
    ...ipcReasons(images),
    ...temporaryFolders(images).flatMap((folder) => temporaryReasons(folder, [...standardFolders, ...ownFolders])),
  ];
}

/** Files where the target's container has no memory file system, and devices, which need not be the same there. */
function temporaryReasons({ place, files }: TemporaryFolder, known: readonly string[]): string[] {
  const isKnown = place !== undefined && known.includes(place);
  const refused = isKnown ? files.filter(({ type }) => isDevice(type)) : files;
  if (refused.length === 0) return [];
  const more = refused.length > shownFiles ? `, … (${refused.length})` : "";
  const names = refused.slice(0, shownFiles).map(({ path }) => path);
  const what = isKnown
    ? `devices in the tmpfs at ${place}`
    : `files in the tmpfs at ${place ?? "an unknown place"}, which the program mounted itself`;
  return [`${what}: ${names.join(", ")}${more}`];
}
