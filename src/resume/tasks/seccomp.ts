import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { SeccompFilter } from "../../criu/images/schema/security.ts";
import { MigrationError } from "../../errors.ts";
import { capabilitiesOf, capabilityBit } from "../capabilities.ts";
import type { Emission } from "../emission.ts";
import type { ResumedThread } from "../process.ts";
import type { ResumeTarget } from "../target.ts";

const PR_SET_SECCOMP = 22;
const mode = { STRICT: 1, FILTER: 2 } as const;
/** Puts a filter on all threads at once: here each has its own turn. */
const SECCOMP_FILTER_FLAG_TSYNC = 1;
const SECCOMP_SET_MODE_FILTER = 1;
const instructionSize = 8;

/** Why a thread's restrictions of system calls can't be put on again, for people; empty when they can. */
export function seccompReasons(
  images: CheckpointImages,
  { tid, core }: ResumedThread,
  main: ResumedThread,
  { execution }: ResumeTarget,
  engineFilters: number,
): string[] {
  const own = ownFilters(images, { core }, main, engineFilters);
  const strict = core.seccomp_mode === mode.STRICT;
  if (own.length === 0 && !strict) return [];
  if (execution === "emulated") {
    const what = strict ? "is in strict seccomp mode" : "has seccomp filters of its own";
    return [`thread ${tid} ${what}, which would judge the emulator's system calls`];
  }
  const { creds } = core;
  const privileged = creds !== undefined && (capabilitiesOf(creds).effective & capabilityBit("SYS_ADMIN")) !== 0n;
  return strict || privileged || creds?.no_new_privs === 1
    ? []
    : [`thread ${tid} has seccomp filters that it put on with privileges which it has given up`];
}

/**
 * Puts the program's own filters on. The last system call of a thread but the ones that they allow: whatever the engine has given to
 * the container, its new container has too.
 */
export function emitSeccomp({ program, images, process, engineFilters }: Emission, { tid, core }: ResumedThread): void {
  const describe = `seccomp of thread ${tid}`;
  for (const { filter, flags } of ownFilters(images, { core }, process.threads[0], engineFilters)) {
    // struct sock_fprog: the number of instructions, and where they are.
    const code = program.words([filter.length / instructionSize, program.bytes(filter)]);
    program.call("seccomp", [SECCOMP_SET_MODE_FILTER, (flags ?? 0) & ~SECCOMP_FILTER_FLAG_TSYNC, code], { describe });
  }
  if (core.seccomp_mode === mode.STRICT) program.call("prctl", [PR_SET_SECCOMP, mode.STRICT, 0, 0, 0], { describe });
}

/**
 * The filters of a thread but for those of its container, the oldest first: CRIU has a thread name its oldest filter, and each `prev` the next
 * newer one. Where all threads of a process have the same, only the main thread has them (criu/seccomp.c, try_use_tsync).
 */
function ownFilters(
  images: CheckpointImages,
  { core }: Pick<ResumedThread, "core">,
  main: Pick<ResumedThread, "core">,
  engineFilters: number,
): SeccompFilter[] {
  const shared = core.seccomp_mode === mode.FILTER ? main.core.seccomp_filter : undefined;
  const filters = images.seccomp?.seccomp_filters ?? [];
  const chain: SeccompFilter[] = [];
  for (let index = core.seccomp_filter ?? shared; index !== undefined; index = filters[index]?.prev) {
    const filter = filters[index];
    if (filter === undefined || chain.includes(filter)) {
      throw new MigrationError("image-corrupt", `the seccomp filters of the checkpoint are no chain at ${index}`);
    }
    chain.push(filter);
  }
  return chain.slice(engineFilters);
}
