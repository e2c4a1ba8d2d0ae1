import type { Emission } from "../emission.ts";
import type { Operand } from "../machine-code/program.ts";

const AT_FDCWD = -100n;
const AT_SYMLINK_NOFOLLOW = 0x100;

/** When a file was last read and written. */
export interface FileTimes {
  readonly atim?: { readonly tv_sec: bigint; readonly tv_usec: bigint } | undefined;
  readonly mtim?: { readonly tv_sec: bigint; readonly tv_usec: bigint } | undefined;
}

/** Sets a file's times, if they are known. A symbolic link's own, not its target's. */
export function emitTimes({ program }: Emission, path: Operand, { atim, mtim }: FileTimes, describe: string): void {
  if (atim === undefined || mtim === undefined) return;
  const times = program.words([atim.tv_sec, atim.tv_usec * 1000n, mtim.tv_sec, mtim.tv_usec * 1000n]);
  program.call("utimensat", [AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW], { describe: `times of ${describe}` });
}
