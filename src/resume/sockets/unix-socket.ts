import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { UnixSkEntry } from "../../criu/images/schema/index.ts";
import { decodeText } from "../../criu/protobuf/text.ts";
import type { Emission } from "../emission.ts";
import { defineFileKind } from "../files/kind.ts";
import { at } from "../machine-code/assembler.ts";

const AF_UNIX = 1;
const type = { STREAM: 1, DGRAM: 2, SEQPACKET: 5 } as const;
const state = { LISTEN: 10, CLOSE: 7 } as const;
const SOL_SOCKET = 1;
const SO_PASSCRED = 16;
const O_NONBLOCK = 0o4000;
const F_SETFL = 4;

export const unixSocketKind = defineFileKind("usk", {
  refuse: (socket, { images }) => {
    const role = roleOf(images, socket);
    return role.kind === "refused" ? [`a unix socket ${role.why}`] : [];
  },
  open: emitUnixSockets,
});

/** How a unix socket is made again. */
type UnixSocketRole =
  | { readonly kind: "listening" | "single" }
  /** One of two that are connected with each other. */
  | { readonly kind: "pair"; readonly peer: UnixSkEntry }
  /** Connected once; its peer is closed. */
  | { readonly kind: "abandoned" }
  | { readonly kind: "refused"; readonly why: string };

function unixSocketsOf(images: CheckpointImages): UnixSkEntry[] {
  return [...images.files.values()].flatMap(({ usk }) => usk ?? []);
}

function roleOf(images: CheckpointImages, socket: UnixSkEntry): UnixSocketRole {
  const refused = (why: string): UnixSocketRole => ({ kind: "refused", why });
  const queue = images.skQueues.get(socket.id) ?? [];
  if (queue.some(({ entry }) => entry.scm.length > 0)) return refused("with passed descriptors in its queue");
  if ((socket.shutdown ?? 0) !== 0) return refused("that is shut down");
  if (socket.deleted === true) return refused("whose file is deleted");
  if (socket.name_dir !== undefined && socket.name_dir !== "") return refused("bound to a relative path");
  if (socket.state === state.LISTEN) return { kind: "listening" };
  if (socket.peer === 0)
    return socket.state === state.CLOSE || socket.type === type.DGRAM ? { kind: "single" } : { kind: "abandoned" };
  const peer = unixSocketsOf(images).find(({ ino }) => ino === socket.peer);
  if (peer === undefined) return refused("whose peer is outside of the container");
  if (peer.state === state.LISTEN) return refused("whose connection waits to be accepted");
  return peer.peer === socket.ino ? { kind: "pair", peer } : refused("that sends to one which does not send back");
}

/** @returns the temporary descriptor of each socket by file id */
function emitUnixSockets(emission: Emission, sockets: readonly UnixSkEntry[]): Map<number, number> {
  const opened = new Map<number, number>();
  for (const socket of sockets) {
    if (opened.has(socket.id)) continue;
    const role = roleOf(emission.images, socket);
    if (role.kind === "pair" || role.kind === "abandoned") {
      const [ours, its] = emitPair(emission, socket);
      opened.set(socket.id, ours);
      if (role.kind === "pair") opened.set(role.peer.id, its);
      else emitWaiting(emission, socket, its);
      if (role.kind === "abandoned") emission.temporaries.close(its);
    } else {
      opened.set(socket.id, emitBound(emission, socket, role.kind === "listening"));
    }
  }
  for (const socket of sockets) {
    const role = roleOf(emission.images, socket);
    if (role.kind === "pair") emitWaiting(emission, socket, opened.get(role.peer.id)!);
    emitSettings(emission, socket, opened.get(socket.id)!);
  }
  return opened;
}

function emitPair({ program, temporaries }: Emission, { ino, type: kind }: UnixSkEntry): [ours: number, its: number] {
  const name = `unix socket pair ${ino}`;
  const ends = program.scratch(8);
  program.call("socketpair", [AF_UNIX, kind, 0, ends], { describe: name });
  program.code.load32("rax", ends);
  const ours = temporaries.adopt(name);
  program.code.load32("rax", at(ends.label, 4));
  return [ours, temporaries.adopt(name)];
}

/** What waits to be read from `socket` is written by its peer again, with the boundaries that it had. */
function emitWaiting({ program, images }: Emission, socket: UnixSkEntry, peer: number): void {
  for (const { bytes } of images.skQueues.get(socket.id) ?? []) {
    program.call("write", [peer, program.bytes(bytes), bytes.length], {
      expect: bytes.length,
      describe: `bytes in unix socket ${socket.ino}`,
    });
  }
}

function emitBound(emission: Emission, socket: UnixSkEntry, listening: boolean): number {
  const { program, temporaries } = emission;
  const name = `unix socket ${shownName(socket)}`;
  program.call("socket", [AF_UNIX, socket.type, 0], { describe: name });
  const descriptor = temporaries.adopt(name);
  if (socket.name.length > 0) emitBind(emission, socket, descriptor);
  if (listening) program.call("listen", [descriptor, socket.backlog], { describe: `listen on ${name}` });
  return descriptor;
}

/** A path is taken from a file that the writable layer may have brought along, or that an earlier life of the program left. */
function emitBind({ program }: Emission, socket: UnixSkEntry, descriptor: number): void {
  const isAbstract = socket.name[0] === 0;
  const path = pathOf(socket);
  const address = new Uint8Array(2 + socket.name.length + (isAbstract ? 0 : 1));
  address[0] = AF_UNIX;
  address.set(socket.name.subarray(0, isAbstract ? undefined : path.length), 2);
  const length = isAbstract ? address.length : 2 + path.length + 1;
  if (!isAbstract) program.call("unlink", [program.text(decodeText(path))], { expect: "ignore" });
  program.call("bind", [descriptor, program.bytes(address), length], { describe: `bind ${shownName(socket)}` });
  const permissions = socket.file_perms;
  if (isAbstract || permissions === undefined) return;
  const text = program.text(decodeText(path));
  program.call("chown", [text, permissions.uid, permissions.gid], { describe: `owner of ${shownName(socket)}` });
  program.call("chmod", [text, permissions.mode & 0o7777], { describe: `mode of ${shownName(socket)}` });
}

function emitSettings({ program }: Emission, socket: UnixSkEntry, descriptor: number): void {
  const name = `unix socket ${socket.ino}`;
  if (socket.opts.so_passcred === true) {
    program.call("setsockopt", [descriptor, SOL_SOCKET, SO_PASSCRED, program.words([1]), 4], {
      describe: `SO_PASSCRED of ${name}`,
    });
  }
  program.call("fcntl", [descriptor, F_SETFL, socket.flags & O_NONBLOCK], { describe: `flags of ${name}` });
}

/** CRIU keeps the zero that may end a path. */
function pathOf({ name }: UnixSkEntry): Uint8Array {
  const end = name.indexOf(0);
  return end === -1 ? name : name.subarray(0, end);
}

function shownName(socket: UnixSkEntry): string {
  if (socket.name.length === 0) return String(socket.ino);
  return socket.name[0] === 0 ? `@${decodeText(socket.name.subarray(1))}` : decodeText(pathOf(socket));
}
