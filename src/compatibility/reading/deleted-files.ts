import type { DeletedFile } from "../live-facts.ts";

/**
 * Files on a disk: what is in memory (memfd, shared memory) is counted as memory.
 * @param text lines that stat printed: `/proc/12/fd/3 regular file 64769:131 1048576 8`, the last in blocks of 512 bytes
 */
export function parseDeletedFiles(text: string): DeletedFile[] {
  const lines = text.matchAll(/^\/proc\/(\d+)\/fd\/(\d+) regular(?: empty)? file (\d+:\d+) (\d+) (\d+)$/gm);
  return [...lines].map(([, pid, descriptor, id = "", size, blocks]) => ({
    pid: Number(pid),
    descriptor: Number(descriptor),
    id,
    size: Number(size),
    dataBytes: Number(blocks) * 512,
  }));
}
