import type { UnixSkEntry } from "../../../criu/images/schema/index.ts";
import type { Emission } from "../../emission.ts";
import { defineFileKind, type OpenedFiles } from "../../files/kind.ts";
import { at } from "../../machine-code/assembler.ts";
import { addressOf, emitBound, shownName } from "./name.ts";
import { emitQueue } from "./queue.ts";
import { roleOf, type, type UnixSocketRole } from "./role.ts";

const AF_UNIX = 1;
const SOL_SOCKET = 1;
const SO_PASSCRED = 16;
const SCM_RIGHTS = 1;
const O_NONBLOCK = 0o4000;
const F_SETFL = 4;

export const unixSocketKind = defineFileKind("usk", {
  refuse: (socket, { images }) => {
    const role = roleOf(images, socket);
    const queue = images.skQueues.get(socket.id) ?? [];
    const others = queue.some(({ entry }) => entry.scm.some((message) => message.type !== SCM_RIGHTS));
    return [
      ...(role.kind === "refused" ? [`a unix socket ${role.why}`] : []),
      ...(others ? ["a unix socket with unusual control messages in its queue"] : []),
    ];
  },
  open: emitUnixSockets,
});

interface Builder {
  readonly emission: Emission;
  readonly sockets: readonly UnixSkEntry[];
  readonly roles: ReadonlyMap<UnixSkEntry, UnixSocketRole>;
  readonly opened: Map<number, number>;
  /** Temporary descriptors that send to a socket what waits in it, by its file id. */
  readonly feeders: Map<number, number>;
}

/** @returns the temporary descriptor of each socket by file id */
function emitUnixSockets(emission: Emission, sockets: readonly UnixSkEntry[], others: OpenedFiles): OpenedFiles {
  const roles = new Map(sockets.map((socket) => [socket, roleOf(emission.images, socket)]));
  const builder: Builder = { emission, sockets, roles, opened: new Map(), feeders: new Map() };
  // A removed name comes first, since another socket may have the same name now; so everything that needs a name is done while it is there.
  const named = sockets
    .filter((socket) => isNamed(socket, roles))
    .toSorted((a, b) => Number(b.deleted ?? false) - Number(a.deleted ?? false));
  for (const socket of named) emitNamed(builder, socket);
  for (const socket of sockets) {
    const role = roles.get(socket)!;
    if (builder.opened.has(socket.id)) continue;
    if (role.kind === "pair" || role.kind === "abandoned") emitPair(builder, socket, role);
    else builder.opened.set(socket.id, emitSocket(emission, socket));
  }
  const all = new Map([...others, ...builder.opened]);
  for (const socket of sockets) emitWaiting(builder, socket, all);
  for (const socket of sockets) emitSettings(emission, socket, builder.opened.get(socket.id)!);
  return builder.opened;
}

/** Whether it has a name by which others find it, not one that its listener has given it. */
function isNamed(socket: UnixSkEntry, roles: Builder["roles"]): boolean {
  const kind = roles.get(socket)?.kind;
  return socket.name.length > 0 && (kind === "listening" || kind === "single" || kind === "sender");
}

function emitSocket({ program, temporaries }: Emission, socket: UnixSkEntry): number {
  const name = `unix socket ${shownName(socket)}`;
  program.call("socket", [AF_UNIX, socket.type, 0], { describe: name });
  return temporaries.adopt(name);
}

/** A socket with a name, and all that must be done while the name is there: listening, and connections to it. */
function emitNamed(builder: Builder, socket: UnixSkEntry): void {
  const { emission, sockets, roles, opened, feeders } = builder;
  const { program, images } = emission;
  const descriptor = opened.get(socket.id) ?? emitSocket(emission, socket);
  opened.set(socket.id, descriptor);
  emitBound(emission, socket, descriptor, () => {
    if (roles.get(socket)?.kind === "listening") {
      program.call("listen", [descriptor, socket.backlog], { describe: `listen on ${shownName(socket)}` });
    }
    for (const other of sockets) {
      const role = roles.get(other)!;
      if (role.kind === "sender" && role.receiver === socket) {
        if (!opened.has(other.id)) opened.set(other.id, emitSocket(emission, other));
        emitConnect(emission, opened.get(other.id)!, socket);
      } else if (role.kind === "pair" && role.listener === socket && !opened.has(other.id)) {
        emitAccepted(builder, socket, other, role.peer);
      }
    }
    if (socket.type === type.DGRAM && (images.skQueues.get(socket.id)?.length ?? 0) > 0) {
      const feeder = emitSocket(emission, socket);
      emitConnect(emission, feeder, socket);
      feeders.set(socket.id, feeder);
    }
  });
}

function emitConnect(emission: Emission, descriptor: number, to: UnixSkEntry): void {
  const [address, length] = addressOf(emission, to);
  emission.program.call("connect", [descriptor, address, length], { describe: `connect to ${shownName(to)}` });
}

/** A connection that the listening socket has accepted: the accepted end has its name, the other knows it. */
function emitAccepted({ emission, opened }: Builder, listener: UnixSkEntry, one: UnixSkEntry, other: UnixSkEntry): void {
  const { program, temporaries } = emission;
  const [accepted, client] = one.name.length > 0 ? [one, other] : [other, one];
  const descriptor = emitSocket(emission, client);
  emitConnect(emission, descriptor, listener);
  const name = `connection to ${shownName(listener)}`;
  program.call("accept", [opened.get(listener.id)!, 0, 0], { describe: name });
  opened.set(client.id, descriptor);
  opened.set(accepted.id, temporaries.adopt(name));
}

function emitPair({ emission, opened, feeders }: Builder, socket: UnixSkEntry, role: UnixSocketRole): void {
  const { program, temporaries, notes } = emission;
  const name = `unix socket pair ${socket.ino}`;
  const ends = program.scratch(8);
  program.call("socketpair", [AF_UNIX, socket.type, 0, ends], { describe: name });
  program.code.load32("result", ends);
  opened.set(socket.id, temporaries.adopt(name));
  program.code.load32("result", at(ends.label, 4));
  const its = temporaries.adopt(name);
  if (role.kind === "pair") opened.set(role.peer.id, its);
  else feeders.set(socket.id, its);
  if (socket.name.length > 0)
    notes.push(`unix socket ${shownName(socket)}: a connection has lost its name, since nobody listens there any more`);
}

function emitWaiting({ emission, roles, opened, feeders }: Builder, socket: UnixSkEntry, all: OpenedFiles): void {
  const role = roles.get(socket)!;
  const feeder = feeders.get(socket.id);
  const peer = role.kind === "pair" ? opened.get(role.peer.id) : feeder;
  if (peer !== undefined) emitQueue(emission, socket, peer, all);
  if (feeder !== undefined) emission.temporaries.close(feeder);
}

/** Shutting down comes when all has been sent. Where a peer has closed, the kernel has done it. */
function emitSettings({ program }: Emission, socket: UnixSkEntry, descriptor: number): void {
  const name = `unix socket ${socket.ino}`;
  if (socket.opts.so_passcred === true) {
    program.call("setsockopt", [descriptor, SOL_SOCKET, SO_PASSCRED, program.words([1]), 4], {
      describe: `SO_PASSCRED of ${name}`,
    });
  }
  if ((socket.shutdown ?? 0) !== 0) program.call("shutdown", [descriptor, socket.shutdown! - 1], { expect: "ignore" });
  program.call("fcntl", [descriptor, F_SETFL, socket.flags & O_NONBLOCK], { describe: `flags of ${name}` });
}
