import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import type { Emission } from "../../emission.ts";
import { family, formatEndpoint } from "./address.ts";
import { emitBytes } from "./connections.ts";
import { level, option } from "./options.ts";
import { socketType, state } from "./state.ts";

const O_NONBLOCK = 0o4000;
const F_SETFL = 4;

/** More need not find room in the buffers of a connection that nobody reads (net.ipv4.tcp_rmem). */
const mostBytes = 65_536;

/**
 * A connection can't follow to another address: the program finds it reset by its peer, or where the peer had closed it already, what it
 * had sent and the end. Made for real, by a connection over the loopback device whose other end is closed, with SO_LINGER 0 for a reset.
 */
export function emitEndedConnection(emission: Emission, socket: InetSkEntry): number {
  const { program, temporaries, notes, images } = emission;
  const name = `connection ${formatEndpoint(socket, "src")} - ${formatEndpoint(socket, "dst")}`;
  const unread = images.tcpStream(socket.ino)?.received ?? new Uint8Array();
  const isClosed = socket.state === state.CLOSE_WAIT && unread.length <= mostBytes;
  if (!isClosed) notes.push(`${name}: the program will find it reset by its peer`);
  const loopback = new Uint8Array([family.INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  const address = program.scratch(16);
  const length = program.scratch(8);
  program.call("socket", [family.INET, socketType.STREAM, 0], { describe: name });
  const listener = temporaries.adopt(name);
  program.call("bind", [listener, program.bytes(loopback), 16], { describe: name });
  program.call("listen", [listener, 1], { describe: name });
  program.code.store32(length, 16);
  program.call("getsockname", [listener, address, length], { describe: name });
  program.call("socket", [family.INET, socketType.STREAM, 0], { describe: name });
  const descriptor = temporaries.adopt(name);
  program.call("connect", [descriptor, address, 16], { describe: name });
  program.call("accept", [listener, 0, 0], { describe: name });
  const peer = temporaries.adopt(name);
  if (isClosed) emitBytes(emission, peer, unread, name);
  else program.call("setsockopt", [peer, level.SOCKET, option.LINGER, program.words([1]), 8], { describe: name });
  temporaries.close(peer);
  temporaries.close(listener);
  program.call("fcntl", [descriptor, F_SETFL, socket.flags & O_NONBLOCK], { describe: name });
  return descriptor;
}
