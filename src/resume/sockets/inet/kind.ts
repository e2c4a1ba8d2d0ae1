import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import type { Emission } from "../../emission.ts";
import { defineFileKind, type FileSurroundings } from "../../files/kind.ts";
import { formatEndpoint, isBoundEverywhere, plainAddress, socketAddress } from "./address.ts";
import { emitBytes, emitEnd, emitInnerConnection, innerConnections } from "./connections.ts";
import { emitEndedConnection } from "./ended.ts";
import { emitFellowConnections } from "./fellow-connections.ts";
import { emitOptions, emitOptionsBefore } from "./options.ts";
import { isConnectedTcp, isEndedTcp, isKnownInetSocket, isListening, socketType, state } from "./state.ts";

const O_NONBLOCK = 0o4000;
const F_SETFL = 4;

export const inetSocketKind = defineFileKind("isk", { refuse, open: emitInetSockets });

function refuse(socket: InetSkEntry, { group }: Pick<FileSurroundings, "group">): string[] {
  const reasons: string[] = [];
  const isThere = isBoundEverywhere(socket) || group?.addresses.has(plainAddress(socket, "src")) === true;
  if (!isKnownInetSocket(socket)) reasons.push("an unusual network socket");
  else if (!isConnectedTcp(socket) && !isEndedTcp(socket) && socket.src_port !== 0 && !isThere) {
    reasons.push(`a socket bound to ${formatEndpoint(socket, "src")}, an address that the container on the target will not have`);
  }
  if ((socket.opts.so_mark ?? 0) !== 0) reasons.push("a socket with a mark (SO_MARK)");
  return reasons;
}

/**
 * Connections with other containers first: their listeners must be gone before the program's own take their ports. Then sockets without a
 * peer, so that those that listen can take the connections within the container.
 */
function emitInetSockets(emission: Emission, sockets: readonly InetSkEntry[]): Map<number, number> {
  const { group } = emission;
  const connected = sockets.filter(isConnectedTcp);
  const fellows = emitFellowConnections(emission, sockets);
  const opened = new Map(fellows.map(({ socket, descriptor }) => [socket.id, descriptor]));
  for (const socket of sockets) if (!connected.includes(socket)) opened.set(socket.id, emitInetSocket(emission, socket));
  for (const connection of innerConnections(sockets, group?.addresses)) {
    const listening = sockets.find((socket) => isListening(socket) && isServedBy(connection.server, socket));
    const listener = listening && opened.get(listening.id);
    for (const [id, descriptor] of emitInnerConnection(emission, connection, listener)) opened.set(id, descriptor);
  }
  for (const { descriptor, bytes, name } of fellows) emitBytes(emission, descriptor, bytes, name);
  for (const made of fellows) emitEnd(emission, made);
  for (const socket of connected) if (!opened.has(socket.id)) opened.set(socket.id, emitEndedConnection(emission, socket));
  return opened;
}

/** Whether a connection to the server's end would come to this listening socket. */
function isServedBy(server: InetSkEntry, listening: InetSkEntry): boolean {
  const any = listening.src_addr.every((word) => word === 0);
  const same = formatEndpoint(server, "src") === formatEndpoint(listening, "src");
  return listening.src_port === server.src_port && listening.opts.so_reuseport !== true && (same || any);
}

function emitInetSocket(emission: Emission, socket: InetSkEntry): number {
  const { program, temporaries } = emission;
  const name = `socket ${formatEndpoint(socket, "src")}`;
  program.call("socket", [socket.family, socket.type, socket.proto], { describe: name });
  const descriptor = temporaries.adopt(name);
  if (isBound(socket)) {
    emitOptionsBefore(emission, socket, descriptor);
    const address = socketAddress(socket, "src");
    program.call("bind", [descriptor, program.bytes(address), address.length], {
      describe: `bind ${formatEndpoint(socket, "src")}`,
    });
  }
  if (isListening(socket))
    program.call("listen", [descriptor, socket.backlog], { describe: `listen on ${formatEndpoint(socket, "src")}` });
  if (socket.type !== socketType.STREAM && socket.state === state.ESTABLISHED) {
    const address = socketAddress(socket, "dst");
    program.call("connect", [descriptor, program.bytes(address), address.length], {
      describe: `connect to ${formatEndpoint(socket, "dst")}`,
    });
  }
  emitOptions(emission, socket, descriptor);
  if ((socket.shutdown ?? 0) !== 0) {
    // Of a socket without a peer the kernel notes it too, though it answers ENOTCONN (net/ipv4/af_inet.c, inet_shutdown).
    program.call("shutdown", [descriptor, socket.shutdown! - 1], { expect: "ignore" });
  }
  program.call("fcntl", [descriptor, F_SETFL, socket.flags & O_NONBLOCK], { describe: `flags of ${name}` });
  return descriptor;
}

/** The port of a raw socket is its protocol. */
function isBound(socket: InetSkEntry): boolean {
  const hasAddress = socket.src_addr.some((word) => word !== 0);
  return socket.type === socketType.RAW ? hasAddress : socket.src_port !== 0 && !isEndedTcp(socket);
}
