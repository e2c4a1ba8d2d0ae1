import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import type { Emission } from "../../emission.ts";
import { at, Label } from "../../machine-code/assembler.ts";
import { family, formatEndpoint, socketAddress } from "./address.ts";
import { emitBound, type MadeEnd } from "./connections.ts";
import type { FellowConnection } from "./fellows.ts";
import { emitWidening } from "./widen.ts";

const ECONNREFUSED = 111;
/** While the other container is started, nobody has its address yet, or listens there. */
const notThereYet = [/* ENETUNREACH */ 101, /* ETIMEDOUT */ 110, ECONNREFUSED, /* EHOSTUNREACH */ 113];
const pauseNanoseconds = 10_000_000;
/** Ten minutes and more: the tool gives up long before. */
const attempts = 60_000;
/** Room in a listener's queue for strangers, which come while the group's own do. */
const strangers = 128;

/** An end of a connection with a fellow, connected again; what it sends is still to be sent. */
export type FellowEnd = FellowConnection & MadeEnd;

/**
 * Connects with the other containers of the group, which do the same at the same time, without any privilege: first every program listens
 * where it accepts, then it connects where it is the client, trying again until the other one listens, then it accepts. So none waits for
 * more of another than that it listens. Of those that are accepted the address tells which one it is; strangers are closed.
 */
export function emitFellowConnections(emission: Emission, sockets: readonly InetSkEntry[]): FellowEnd[] {
  const byId = new Map(sockets.map((socket) => [socket.id, socket]));
  const ends = (emission.group?.connections ?? []).flatMap((connection) => {
    const socket = byId.get(connection.id);
    return socket === undefined ? [] : [{ ...connection, socket, name: nameOf(socket) }];
  });
  const groups = Map.groupBy(
    ends.filter(({ accepts }) => accepts),
    ({ socket }) => `${socket.family} ${formatEndpoint(socket, "src")}`,
  );
  const listeners = [...groups.values()].map((served) => ({ served, listener: emitListener(emission, served) }));
  const made = ends
    .filter(({ accepts }) => !accepts)
    .map((served) => ({ ...served, descriptor: emitConnect(emission, served.socket, served.name) }));
  for (const { served, listener } of listeners) {
    made.push(...emitAccept(emission, listener, served));
    emission.temporaries.release(listener);
  }
  emitWidening(emission, made);
  return made;
}

type Served = FellowConnection & { readonly socket: InetSkEntry; readonly name: string };

function nameOf(socket: InetSkEntry): string {
  return `connection ${formatEndpoint(socket, "src")} - ${formatEndpoint(socket, "dst")}`;
}

function emitListener(emission: Emission, served: readonly Served[]): number {
  const [{ socket, name }] = served as [Served];
  const listener = emitBound(emission, socket, name);
  emission.program.call("listen", [listener, served.length + strangers], { describe: `listen for ${name}` });
  return listener;
}

function emitConnect(emission: Emission, socket: InetSkEntry, name: string): number {
  const { program } = emission;
  const { code } = program;
  const descriptor = emitBound(emission, socket, name);
  const address = socketAddress(socket, "dst");
  const place = program.bytes(address);
  const [again, wait, connected, late] = ["again", "wait", "connected", "late"].map((word) => new Label(`${name} ${word}`)) as [
    ...[Label, Label, Label, Label],
  ];
  code.move("counter", BigInt(attempts));
  code.define(again);
  program.call("connect", [descriptor, place, address.length], { expect: "ignore" });
  for (const error of notThereYet) {
    code.compare("result", -error);
    code.jumpIf("equal", wait);
  }
  program.failUnlessOk(`connect of ${name}`);
  code.jump(connected);
  code.define(wait);
  code.addImmediate("counter", -1);
  code.jumpIf("equal", late);
  program.call("nanosleep", [program.words([0, pauseNanoseconds]), 0], { expect: "ignore" });
  code.jump(again);
  code.define(late);
  code.move("result", BigInt(-ECONNREFUSED));
  program.fail(`connect of ${name}`);
  code.define(connected);
  return descriptor;
}

/** Accepts all of one listener, in whatever order they come. */
function emitAccept({ program, temporaries }: Emission, listener: number, served: readonly Served[]): FellowEnd[] {
  const { code } = program;
  const address = program.scratch(32);
  const length = program.scratch(8);
  const made = served.map((end) => ({ ...end, descriptor: temporaries.allocate() }));
  for (const { name } of served) {
    const [again, done] = [new Label(`${name} accept`), new Label(`${name} accepted`)];
    code.define(again);
    code.store32(length, 32);
    program.call("accept", [listener, address, length], { describe: `accept of ${name}` });
    code.moveRegister("kept", "result");
    for (const { socket, descriptor } of made) {
      const next = new Label(`${name} is another`);
      for (const [index, word] of wordsOf(socket).entries()) {
        code.load("result", at(address.label, address.addend + index * 8));
        code.move("temporary", word);
        code.compareRegister("result", "temporary");
        code.jumpIf("notEqual", next);
      }
      program.call("dup3", ["kept", descriptor, 0], { describe: `temporary descriptor for ${name}` });
      program.call("close", ["kept"], { expect: "ignore" });
      code.jump(done);
      code.define(next);
    }
    program.call("close", ["kept"], { expect: "ignore" });
    code.jump(again);
    code.define(done);
  }
  return made;
}

/** What the kernel tells of the peer: family, port and address, without the padding and the scope after them. */
function wordsOf(socket: InetSkEntry): bigint[] {
  const address = socketAddress(socket, "dst");
  const view = new DataView(address.buffer, address.byteOffset);
  const count = socket.family === family.INET ? 1 : 3;
  return Array.from({ length: count }, (_, index) => view.getBigUint64(index * 8, true));
}
