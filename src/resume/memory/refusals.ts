import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { vmaStatus } from "../../criu/images/flags.ts";
import type { VmaEntry } from "../../criu/images/schema/index.ts";
import { unlinkedReasons } from "../files/unlinked-files.ts";
import type { ResumeTarget } from "../target.ts";
import { mapping } from "./memory.ts";

const MADV_WIPEONFORK = 18;

/** Why a VMA can't be carried, for people; empty when it can. */
export function vmaReasons(
  images: CheckpointImages,
  vma: VmaEntry,
  vmas: readonly VmaEntry[],
  { lacks }: ResumeTarget,
): string[] {
  const where = `0x${vma.start.toString(16)}`;
  const unsupported = [
    [vmaStatus.SOCKET, "a mapped packet socket"],
    [vmaStatus.AIORING, "an asynchronous I/O ring"],
    [vmaStatus.SHSTK, "a shadow stack"],
    [vmaStatus.UPROBES, "uprobes"],
    [vmaStatus.EXT_PLUGIN, "mapped device memory"],
  ] as const;
  const advised = (advice: number) => (((vma.madv ?? 0n) >> BigInt(advice)) & 1n) !== 0n;
  const reasons = unsupported.filter(([bit]) => (vma.status & bit) !== 0).map(([, what]) => `${what} at ${where}`);
  // Without MADV_DONTFORK a child has more memory than it needs (V8 gives this advice for its heap), and nothing else.
  if (lacks.has("advice-for-forks") && advised(MADV_WIPEONFORK))
    reasons.push(`memory at ${where} that a fork shall wipe (madvise), which the emulator would not heed`);
  if ((vma.flags & mapping.HUGETLB) !== 0) reasons.push(`huge pages at ${where}`);
  if ((vma.status & vmaStatus.SYSVIPC) !== 0 && vma.pgoff !== 0n) {
    // A segment is attached as a whole; what follows its beginning must be there without a hole.
    const before = vmas.some(
      ({ end, shmid, pgoff, start }) => end === vma.start && shmid === vma.shmid && pgoff + end - start === vma.pgoff,
    );
    if (!before) reasons.push(`a part of a System V shared memory segment at ${where}`);
  }
  if ((vma.status & vmaStatus.MEMFD) !== 0) {
    // Also what is mapped with MAP_SHARED|MAP_ANONYMOUS, see sharedSegments.
    const inode = images.memfds.get(images.files.get(Number(vma.shmid))?.memfd?.inode_id ?? -1);
    if (inode === undefined) reasons.push(`a mapping at ${where} of a memfd that the images do not hold`);
    else if ((inode.hugetlb_flag ?? 0) !== 0) reasons.push(`huge pages at ${where}`);
  } else if ((vma.status & (vmaStatus.FILE_PRIVATE | vmaStatus.FILE_SHARED)) !== 0) {
    const file = images.files.get(Number(vma.shmid));
    if (file?.reg === undefined) reasons.push(`a mapping at ${where} of something that is not a regular file`);
    else reasons.push(...unlinkedReasons(images, file.id).map((what) => `a mapping of ${what}`));
  }
  return reasons;
}
