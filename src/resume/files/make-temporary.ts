import type { TemporaryFile } from "../../criu/images/checkpoint-images.ts";
import { archiveOf } from "../../criu/images/temporary-file-systems.ts";
import { emitCopies } from "../data-files.ts";
import type { Emission } from "../emission.ts";
import { Label, type Place } from "../machine-code/assembler.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { emitTimes } from "./attributes.ts";
import { openFlags } from "./regular-file.ts";
import { type PlacedFile, type TemporaryFolder, temporaryFolders } from "./temporary-files.ts";
import { fileTypes } from "./unlinked-files.ts";

const AT_SYMLINK_NOFOLLOW = 0x100;
const EEXIST = -17;
const O_WRONLY = 1;
const createNew = O_WRONLY | openFlags.CREAT | openFlags.TRUNC;
/** statfs.f_type of a tmpfs (include/uapi/linux/magic.h). */
const TMPFS_MAGIC = 0x0102_1994;

/** Puts into the memory file systems what lies in them, before any file of the tree is opened. */
export function emitTemporaryFiles(emission: Emission): void {
  for (const folder of temporaryFolders(emission.images)) {
    if (folder.files.length === 0 || folder.place === undefined) continue;
    emitExpectTmpfs(emission, folder.place);
    for (const file of folder.files) emitFile(emission, folder, file);
    // A folder's time changes with what is put into it.
    for (const file of folder.files.toReversed()) emitTime(emission, file, emission.program.text(file.path));
    if (folder.root !== undefined) {
      const path = emission.program.text(folder.place);
      emitAttributes(emission, folder.root, path);
      emitTime(emission, folder.root, path);
    }
  }
}

/** The files must not land in the container's writable layer, should the container here lack the mount. */
function emitExpectTmpfs({ program }: Emission, place: string): void {
  const found = new Label(`${place} is a tmpfs`);
  const status = program.scratch(120);
  program.call("statfs", [program.text(place), status], { describe: `the tmpfs ${place}` });
  program.code.load("result", status);
  program.code.compare("result", TMPFS_MAGIC);
  program.code.jumpIf("equal", found);
  program.fail(`the tmpfs ${place}, which the container does not have here`);
  program.code.define(found);
}

function emitFile(emission: Emission, { device, place }: TemporaryFolder, file: PlacedFile): void {
  const { program } = emission;
  const { type, path, target } = file;
  const name = program.text(path);
  const describe = `make ${path}`;
  if (type === "link") {
    program.call("linkat", [AT_FDCWD, program.text(`${place}/${target}`), AT_FDCWD, name, 0], { describe });
    return;
  }
  if (type === "directory") {
    const made = new Label(describe);
    program.call("mkdirat", [AT_FDCWD, name, 0o700], { expect: "ignore" });
    program.code.compare("result", EEXIST); // a folder in which the runtime has mounted something
    program.code.jumpIf("equal", made);
    program.failUnlessOk(describe);
    program.code.define(made);
  } else if (type === "symlink") program.call("symlinkat", [program.text(target), AT_FDCWD, name], { describe });
  else if (type === "fifo") program.call("mknodat", [AT_FDCWD, name, fileTypes.FIFO | 0o600, 0], { describe });
  else emitContents(emission, device, file);
  emitAttributes(emission, file, name);
}

function emitContents(emission: Emission, device: number, { path, size, pieces }: PlacedFile): void {
  const { program, temporaries, architecture } = emission;
  program.call("openat", [AT_FDCWD, program.text(path), createNew | architecture.openFlags.NOFOLLOW, 0o600], {
    describe: `make ${path}`,
  });
  const descriptor = temporaries.adopt(path);
  program.call("ftruncate", [descriptor, size], { describe: `size of ${path}` });
  const ranges = pieces.map(({ offset, length, archiveOffset }) => ({ from: archiveOffset, to: offset, length }));
  emitCopies(emission, descriptor, archiveOf(device), ranges, `contents of ${path}`);
  temporaries.release(descriptor);
}

function emitAttributes({ program }: Emission, { type, mode, uid, gid }: TemporaryFile, path: Place): void {
  program.call("fchownat", [AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW], { describe: "owner of a file in memory" });
  if (type !== "symlink") program.call("fchmodat", [AT_FDCWD, path, mode], { describe: "mode of a file in memory" });
}

/** Archives hold whole seconds, and only when a file was written. */
function emitTime(emission: Emission, { type, modified }: TemporaryFile, path: Place): void {
  const time = { tv_sec: modified, tv_usec: 0n };
  if (type !== "link") emitTimes(emission, path, { atim: time, mtim: time }, "a file in memory");
}
