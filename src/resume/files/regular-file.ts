import type { RegFileEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { defineFileKind, type FileSurroundings, oneByOne } from "./kind.ts";

const S_IFMT = 0o170000;
const fileType = { REGULAR: 0o100000, DIRECTORY: 0o040000, CHARACTER: 0o020000 } as const;
/** Character devices without a state of their own, found in every container. */
const statelessDevices: ReadonlySet<string> = new Set(["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]);

const openFlags = { CREAT: 0o100, EXCL: 0o200, TRUNC: 0o1000, PATH: 0o10000000 } as const;

export const regularFileKind = defineFileKind("reg", { refuse, open: oneByOne(emitRegularFile) });

function refuse({ id, mode, name, ext }: RegFileEntry, { images }: FileSurroundings): string[] {
  const type = mode === undefined ? undefined : mode & S_IFMT;
  const reasons: string[] = [];
  if (images.remaps.has(id)) reasons.push(`the deleted file ${name}`);
  else if (type === fileType.CHARACTER && !statelessDevices.has(name)) reasons.push(`the device ${name}`);
  else if (type !== undefined && !(Object.values(fileType) as number[]).includes(type)) reasons.push(name);
  if (ext === true) reasons.push(`the file ${name} from outside the container`);
  return reasons;
}

/** Flags that only matter while a file is being opened are taken off: the file is there already. */
function reopenFlags(flags: number): number {
  return flags & ~(openFlags.CREAT | openFlags.EXCL | openFlags.TRUNC);
}

/** Opens a file of the container by its name, with its flags and offset. */
function emitRegularFile({ program, temporaries }: Emission, file: RegFileEntry): number {
  const path = file.name.startsWith("/") ? file.name : `/${file.name}`;
  program.call("open", [program.text(path), reopenFlags(file.flags), 0], { describe: `open ${path}` });
  const descriptor = temporaries.adopt(path);
  if (file.pos > 0n && (file.flags & openFlags.PATH) === 0) {
    program.call("lseek", [descriptor, file.pos, 0], { describe: `set the offset of ${path}` });
  }
  return descriptor;
}
