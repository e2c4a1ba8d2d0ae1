import type { RegFileEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";

const openFlags = { CREAT: 0o100, EXCL: 0o200, TRUNC: 0o1000, PATH: 0o10000000 } as const;

/** Flags that only matter while a file is being opened are taken off: the file is there already. */
export function reopenFlags(flags: number): number {
  return flags & ~(openFlags.CREAT | openFlags.EXCL | openFlags.TRUNC);
}

/** Opens a file of the container by its name, with its flags and offset. */
export function emitRegularFile({ program, temporaries }: Emission, file: RegFileEntry): number {
  const path = file.name.startsWith("/") ? file.name : `/${file.name}`;
  program.call("open", [program.text(path), reopenFlags(file.flags), 0], { describe: `open ${path}` });
  const descriptor = temporaries.adopt(path);
  if (file.pos > 0n && (file.flags & openFlags.PATH) === 0) {
    program.call("lseek", [descriptor, file.pos, 0], { describe: `set the offset of ${path}` });
  }
  return descriptor;
}
