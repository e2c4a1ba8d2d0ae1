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
  /** Lines that the program writes: `failed\t<what>\t<result in hexadecimal>` or `resumed`. */
  status: `${resumeDirectory}/status`,
} as const;

export type ResumeStatus =
  | { readonly state: "resumed" }
  | { readonly state: "failed"; readonly what: string /** What the system call returned. */; readonly result: bigint }
  | { readonly state: "working" };

/** Understands what the program wrote to its status file. */
export function parseStatus(text: string): ResumeStatus {
  const failed = /^failed\t([^\t]*)\t([0-9a-f]{16})$/m.exec(text);
  if (failed !== null) return { state: "failed", what: failed[1]!, result: BigInt.asIntN(64, BigInt(`0x${failed[2]}`)) };
  return { state: /^resumed$/m.test(text) ? "resumed" : "working" };
}
