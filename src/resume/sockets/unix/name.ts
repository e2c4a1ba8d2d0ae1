import type { UnixSkEntry } from "../../../criu/images/schema/index.ts";
import { decodeText } from "../../../criu/protobuf/text.ts";
import type { Emission } from "../../emission.ts";
import type { Place } from "../../machine-code/assembler.ts";
import { AT_FDCWD } from "../../machine-code/program.ts";

const AF_UNIX = 1;
/** Where a file is put while a removed socket is bound in its place. */
const parkedSuffix = ".migrate-container-parked";

export function isAbstract({ name }: UnixSkEntry): boolean {
  return name[0] === 0;
}

/** struct sockaddr_un as it was given to bind. */
export function addressOf({ program }: Emission, socket: UnixSkEntry): readonly [address: Place, length: number] {
  const name = isAbstract(socket) ? socket.name : new Uint8Array([...pathOf(socket), 0]);
  const address = new Uint8Array([AF_UNIX, 0, ...name]);
  return [program.bytes(address), address.length];
}

export function shownName(socket: UnixSkEntry): string {
  if (socket.name.length === 0) return String(socket.ino);
  return isAbstract(socket) ? `@${decodeText(socket.name.subarray(1))}` : decodeText(pathOf(socket));
}

/** CRIU keeps the zero that may end a path. */
function pathOf({ name }: UnixSkEntry): Uint8Array {
  const end = name.indexOf(0);
  return end === -1 ? name : name.subarray(0, end);
}

/**
 * Binds the socket to its name, lets `whileBound` use it, and leaves the file system as it was: a file that was removed is removed
 * again, and what has taken its place since stays. Otherwise the place is taken from a file that the writable layer may have
 * brought along, or that an earlier life of the program left.
 */
export function emitBound(emission: Emission, socket: UnixSkEntry, descriptor: number, whileBound: () => void): void {
  const { program } = emission;
  const describe = `bind ${shownName(socket)}`;
  const directory = socket.name_dir ?? "";
  if (directory !== "") program.call("chdir", [program.text(directory)], { describe: `change to the directory ${directory}` });
  const path = decodeText(pathOf(socket));
  const removed = socket.deleted === true && !isAbstract(socket);
  if (removed)
    program.call("renameat", [AT_FDCWD, program.text(path), AT_FDCWD, program.text(path + parkedSuffix)], { expect: "ignore" });
  else if (!isAbstract(socket)) program.call("unlinkat", [AT_FDCWD, program.text(path), 0], { expect: "ignore" });
  const [address, length] = addressOf(emission, socket);
  program.call("bind", [descriptor, address, length], { describe });
  if (!isAbstract(socket)) emitPermissions(emission, socket, path);
  whileBound();
  if (removed) {
    program.call("unlinkat", [AT_FDCWD, program.text(path), 0], { describe });
    program.call("renameat", [AT_FDCWD, program.text(path + parkedSuffix), AT_FDCWD, program.text(path)], { expect: "ignore" });
  }
  if (directory !== "") program.call("chdir", [program.text("/")], { describe: "change to the root directory" });
}

function emitPermissions({ program }: Emission, socket: UnixSkEntry, path: string): void {
  const permissions = socket.file_perms;
  if (permissions === undefined) return;
  const text = program.text(path);
  program.call("fchownat", [AT_FDCWD, text, permissions.uid, permissions.gid, 0], { describe: `owner of ${shownName(socket)}` });
  program.call("fchmodat", [AT_FDCWD, text, permissions.mode & 0o7777], { describe: `mode of ${shownName(socket)}` });
}
