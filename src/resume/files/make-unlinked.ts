import { emitCopies } from "../data-files.ts";
import type { Emission } from "../emission.ts";
import { Label, type Place } from "../machine-code/assembler.ts";
import type { Operand } from "../machine-code/program.ts";
import { AT_FDCWD, AT_REMOVEDIR } from "../machine-code/program.ts";
import { emitTimes } from "./attributes.ts";
import { emitOpenRegular, openFlags } from "./regular-file.ts";
import { fileTypeMask, fileTypes, isDirectory, linkedElsewhere, type UnlinkedFile, unlinkedFiles } from "./unlinked-files.ts";

const EEXIST = -17;
const O_NONBLOCK = 0o4000;
const AT_SYMLINK_NOFOLLOW = 0x100;

/** Emits what undoes something that was made for a moment. */
type Undo = () => void;

/**
 * Makes the unlinked files anew, each under its old name, opens every description of them, and unlinks them again. It is done
 * before any other file of the tree is opened, and leaves the container's folders as they were, but for the time of their last change.
 * @returns temporary descriptors by file id
 */
export function emitUnlinkedFiles(emission: Emission): Map<number, number> {
  const opened = new Map<number, number>();
  const undo: Undo[] = [];
  const parents = new Set<string>();
  for (const file of unlinkedFiles(emission.images)) {
    emitParents(emission, file.path, parents, undo);
    const name = emitMake(emission, file);
    const what = isDirectory(file) ? AT_REMOVEDIR : 0;
    undo.push(() => emission.program.call("unlinkat", [AT_FDCWD, name, what], { describe: `unlink ${file.path}` }));
    if ((file.ghost.entry.mode & fileTypeMask) === fileTypes.FIFO) emitOpenFifo(emission, file, name, opened);
    else for (const description of file.descriptions) opened.set(description.id, emitOpenRegular(emission, description, name));
    emitTimes(emission, { valueAt: name.valueAt }, file.ghost.entry, file.path);
  }
  for (const { link, descriptions } of linkedElsewhere(emission.images)) {
    const name = emission.program.text(link);
    for (const description of descriptions) opened.set(description.id, emitOpenRegular(emission, description, name));
    emission.program.call("unlinkat", [AT_FDCWD, name, 0], { describe: `unlink ${link}` });
  }
  for (const emitUndo of undo.toReversed()) emitUndo();
  return opened;
}

/** A named pipe is only kept at hand: fifo.ts opens its descriptions. */
function emitOpenFifo({ program, temporaries }: Emission, file: UnlinkedFile, name: Operand, opened: Map<number, number>): void {
  program.call("openat", [AT_FDCWD, name, openFlags.RDWR | O_NONBLOCK, 0], { describe: `open ${file.path}` });
  const descriptor = temporaries.adopt(file.path);
  for (const { id } of file.descriptions) opened.set(id, descriptor);
}

/** Folders that are gone, too, are made for the moment. */
function emitParents({ program }: Emission, path: string, known: Set<string>, undo: Undo[]): void {
  for (let end = path.indexOf("/", 1); end > 0; end = path.indexOf("/", end + 1)) {
    const folder = path.slice(0, end);
    if (known.has(folder)) continue;
    known.add(folder);
    const result = program.scratch();
    program.call("mkdirat", [AT_FDCWD, program.text(folder), 0o700], { expect: "ignore", store: result });
    undo.push(() => {
      const kept = new Label(`${folder} was there`);
      program.code.load("result", result);
      program.code.compare("result", 0);
      program.code.jumpIf("notEqual", kept);
      program.call("unlinkat", [AT_FDCWD, program.text(folder), AT_REMOVEDIR], { describe: `remove ${folder}` });
      program.code.define(kept);
    });
  }
}

/** Makes the file with its contents, owner and mode. @returns its name: another one where something else has its own by now */
function emitMake(emission: Emission, file: UnlinkedFile): { readonly valueAt: Place } {
  const { program } = emission;
  const { path, ghost, id } = file;
  const { entry } = ghost;
  const name = { valueAt: program.scratch() };
  const made = new Label(`made ${path}`);
  const folder = path.slice(0, path.lastIndexOf("/"));
  const emitNode = (place: string, last: boolean): void => {
    program.load("result", program.text(place));
    program.code.store(name.valueAt, "result");
    const options = last ? { describe: `make the deleted file ${path}` } : ({ expect: "ignore" } as const);
    const type = entry.mode & fileTypeMask;
    if (type === fileTypes.DIRECTORY) program.call("mkdirat", [AT_FDCWD, name, 0o700], options);
    else if (type === fileTypes.LINK)
      program.call("symlinkat", [program.text(entry.symlnk_target ?? ""), AT_FDCWD, name], options);
    else if (type === fileTypes.FIFO) program.call("mknodat", [AT_FDCWD, name, fileTypes.FIFO | 0o600, 0], options);
    else program.call("openat", [AT_FDCWD, name, openFlags.RDWR | openFlags.CREAT | openFlags.EXCL, 0o600], options);
  };
  emitNode(path, false);
  program.code.compare("result", EEXIST);
  program.code.jumpIf("notEqual", made);
  emitNode(`${folder}/.migrate-container-${id}`, true);
  program.code.define(made);
  program.failUnlessOk(`make the deleted file ${path}`);
  if ((entry.mode & fileTypeMask) === fileTypes.REGULAR) emitContents(emission, file);
  program.call("fchownat", [AT_FDCWD, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW], { describe: `owner of ${path}` });
  if ((entry.mode & fileTypeMask) !== fileTypes.LINK)
    program.call("fchmodat", [AT_FDCWD, name, entry.mode & 0o7777], { describe: `mode of ${path}` });
  return name;
}

/** Fills the file whose descriptor is in rax, and closes it. */
function emitContents(emission: Emission, { path, ghost: { image, size, chunks } }: UnlinkedFile): void {
  const { program, temporaries } = emission;
  const descriptor = temporaries.adopt(path);
  program.call("ftruncate", [descriptor, size], { describe: `size of ${path}` });
  const ranges = chunks.map(({ offset, length, imageOffset }) => ({ from: imageOffset, to: offset, length }));
  emitCopies(emission, descriptor, image, ranges, `contents of ${path}`);
  temporaries.release(descriptor);
}
