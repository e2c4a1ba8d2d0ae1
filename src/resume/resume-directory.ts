/**
 * Where a resume program finds its data: a directory of the target's host that the runtime wrapper mounts into the
 * container for the one start that resumes. It lies under /dev, a tmpfs of every container, so the mount point leaves
 * no trace in the container's own file system.
 */
export const resumeDirectory = "/dev/.migrate-container";

export const files = {
  /** The resume program; later a symbolic link to the original executable, since qemu-user names it in /proc/self/exe. */
  program: `${resumeDirectory}/resume`,
  /** An emulator that binfmt_misc does not start; a mount of its own. */
  emulator: `${resumeDirectory}.emulator`,
  /** Lines that the program writes: `failed\t<what>\t<result in hexadecimal>` or `resumed`; in a group before it `ready`, and the tool `go`. */
  status: `${resumeDirectory}/status`,
} as const;

/** What a program of a group says when it is rebuilt, and what it is told when all are. */
export const readyWord = "ready";
export const goWord = "go";

export type ResumeStatus =
  | { readonly state: "resumed" }
  /** All is rebuilt, and it waits for the others of its group. */
  | { readonly state: "ready" }
  | { readonly state: "failed"; readonly what: string /** What the system call returned. */; readonly result: bigint }
  | { readonly state: "working" };

/** Understands what the program wrote to its status file. */
export function parseStatus(text: string): ResumeStatus {
  const failed = /^failed\t([^\t]*)\t([0-9a-f]{16})$/m.exec(text);
  if (failed !== null) return { state: "failed", what: failed[1]!, result: BigInt.asIntN(64, BigInt(`0x${failed[2]}`)) };
  if (/^resumed$/m.test(text)) return { state: "resumed" };
  return { state: new RegExp(`^${readyWord}$`, "m").test(text) ? "ready" : "working" };
}
