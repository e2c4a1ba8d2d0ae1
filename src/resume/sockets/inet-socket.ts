import type { InetSkEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { defineFileKind, oneByOne } from "../files/kind.ts";
import type { Program } from "../machine-code/program.ts";

const family = { INET: 2, INET6: 10 } as const;
const socketType = { STREAM: 1, DGRAM: 2 } as const;
/** TCP states as in include/net/tcp_states.h; UDP uses two of them. */
const state = { ESTABLISHED: 1, CLOSE: 7, LISTEN: 10 } as const;
const level = { IP: 0, SOCKET: 1, TCP: 6, IPV6: 41 } as const;
const option = {
  REUSEADDR: 2,
  DONTROUTE: 5,
  BROADCAST: 6,
  SNDBUF: 7,
  RCVBUF: 8,
  KEEPALIVE: 9,
  OOBINLINE: 10,
  NO_CHECK: 11,
  PRIORITY: 12,
  LINGER: 13,
  REUSEPORT: 15,
  RCVLOWAT: 18,
  RCVTIMEO: 20,
  SNDTIMEO: 21,
} as const;
const tcpOption = { NODELAY: 1, CORK: 3, KEEPIDLE: 4, KEEPINTVL: 5, KEEPCNT: 6 } as const;
const ipOption = { TOS: 1, TTL: 2, PKTINFO: 8, FREEBIND: 15 } as const;
const ipv6Option = { V6ONLY: 26, RECVPKTINFO: 49, FREEBIND: 78 } as const;
/** Linux's default time to live; CRIU stores it also where the program set none. */
const defaultTtl = 64;
const O_NONBLOCK = 0o4000;
const F_SETFL = 4;
/** CRIU's sk_shutdown: a bit for each direction. */
const SHUTDOWN_READ = 1;
const SOCK_BUF_LOCK = { SNDBUF: 1, RCVBUF: 2 } as const;

export const inetSocketKind = defineFileKind("isk", { refuse, open: oneByOne(emitInetSocket) });

function refuse(socket: InetSkEntry): string[] {
  const { opts } = socket;
  const reasons: string[] = [];
  if (!isKnownInetSocket(socket)) reasons.push("a raw or unusual network socket");
  else if (!isConnectedTcp(socket) && !isEndedTcp(socket) && socket.src_port !== 0 && !isBoundEverywhere(socket)) {
    reasons.push(`a socket bound to ${formatEndpoint(socket, "src")}, an address that the container on the target will not have`);
  }
  if (opts.so_bound_dev !== undefined && opts.so_bound_dev !== "")
    reasons.push(`a socket bound to the device ${opts.so_bound_dev}`);
  if ((opts.so_mark ?? 0) !== 0) reasons.push("a socket with a mark (SO_MARK)");
  if (opts.so_filter.length > 0) reasons.push("a socket with a packet filter");
  return reasons;
}

export function isListening(socket: InetSkEntry): boolean {
  return socket.type === socketType.STREAM && socket.state === state.LISTEN;
}

/** A TCP socket with a peer, or on its way to or from one: it can't be carried to another address. */
export function isConnectedTcp(socket: InetSkEntry): boolean {
  return socket.type === socketType.STREAM && socket.state !== state.LISTEN && socket.state !== state.CLOSE;
}

/** A TCP socket whose connection has ended, and which the program has not closed yet: reading it gives the end of the stream. */
export function isEndedTcp(socket: InetSkEntry): boolean {
  return socket.type === socketType.STREAM && socket.state === state.CLOSE && ((socket.shutdown ?? 0) & SHUTDOWN_READ) !== 0;
}

/** The sockets that resume can rebuild or, if connected, close. */
export function isKnownInetSocket({ type, family: socketFamily }: InetSkEntry): boolean {
  return (
    (socketFamily === family.INET || socketFamily === family.INET6) && (type === socketType.STREAM || type === socketType.DGRAM)
  );
}

/** `address:port` of a socket's end, for messages. */
export function formatEndpoint(socket: InetSkEntry, end: "src" | "dst"): string {
  const words = end === "src" ? socket.src_addr : socket.dst_addr;
  const port = end === "src" ? socket.src_port : socket.dst_port;
  const bytes = addressBytes(words);
  if (socket.family === family.INET) return `${bytes.join(".")}:${port}`;
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2]! << 8) | bytes[index * 2 + 1]!).toString(16));
  return `[${groups.join(":")}]:${port}`;
}

/** Whether the socket is bound to an address that exists in every container: any, or loopback. */
export function isBoundEverywhere(socket: InetSkEntry): boolean {
  const bytes = addressBytes(socket.src_addr);
  if (bytes.every((byte) => byte === 0)) return true;
  if (socket.family === family.INET) return bytes[0] === 127;
  const mappedLoopback =
    bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255 && bytes[12] === 127;
  return mappedLoopback || (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1);
}

function emitInetSocket(emission: Emission, socket: InetSkEntry): number {
  if (isConnectedTcp(socket)) return emitResetConnection(emission, socket);
  const { program, temporaries } = emission;
  const name = `socket ${formatEndpoint(socket, "src")}`;
  program.call("socket", [socket.family, socket.type, socket.proto], { describe: name });
  const descriptor = temporaries.adopt(name);
  const set = (layer: number, key: number, value: number | undefined, describe: string): void => {
    if (value !== undefined) setOption(program, descriptor, layer, key, value, `${describe} of ${name}`);
  };
  if (socket.family === family.INET6) set(level.IPV6, ipv6Option.V6ONLY, Number(socket.v6only ?? false), "IPV6_V6ONLY");
  if (socket.src_port !== 0 && !isEndedTcp(socket)) {
    // As CRIU does: another socket of the process may hold the same port, so reuse is on while it is bound.
    set(level.SOCKET, option.REUSEADDR, 1, "SO_REUSEADDR");
    set(level.SOCKET, option.REUSEPORT, Number(socket.opts.so_reuseport ?? false), "SO_REUSEPORT");
    const address = socketAddress(socket, "src");
    program.call("bind", [descriptor, program.bytes(address), address.length], {
      describe: `bind ${formatEndpoint(socket, "src")}`,
    });
  }
  if (isListening(socket))
    program.call("listen", [descriptor, socket.backlog], { describe: `listen on ${formatEndpoint(socket, "src")}` });
  if (socket.type === socketType.DGRAM && socket.state === state.ESTABLISHED) {
    const address = socketAddress(socket, "dst");
    program.call("connect", [descriptor, program.bytes(address), address.length], {
      describe: `connect UDP to ${formatEndpoint(socket, "dst")}`,
    });
  }
  emitOptions(emission, socket, descriptor, set);
  emitIpOptions(socket, set);
  if ((socket.shutdown ?? 0) !== 0) {
    // Of a socket without a peer the kernel notes it too, though it answers ENOTCONN (net/ipv4/af_inet.c, inet_shutdown).
    program.call("shutdown", [descriptor, socket.shutdown! - 1], { expect: "ignore" });
  }
  program.call("fcntl", [descriptor, F_SETFL, socket.flags & O_NONBLOCK], { describe: `flags of ${name}` });
  return descriptor;
}

type SetOption = (layer: number, key: number, value: number | undefined, describe: string) => void;

function emitOptions({ program }: Emission, socket: InetSkEntry, descriptor: number, set: SetOption): void {
  const { opts, tcp_opts: tcp } = socket;
  set(level.SOCKET, option.REUSEADDR, Number(opts.reuseaddr ?? false), "SO_REUSEADDR");
  if (opts.so_keepalive === true) set(level.SOCKET, option.KEEPALIVE, 1, "SO_KEEPALIVE");
  if (opts.so_broadcast === true) set(level.SOCKET, option.BROADCAST, 1, "SO_BROADCAST");
  if (opts.so_dontroute === true) set(level.SOCKET, option.DONTROUTE, 1, "SO_DONTROUTE");
  if ((opts.so_oobinline ?? 0) !== 0) set(level.SOCKET, option.OOBINLINE, 1, "SO_OOBINLINE");
  if (opts.so_no_check === true) set(level.SOCKET, option.NO_CHECK, 1, "SO_NO_CHECK");
  if (opts.so_rcvlowat !== undefined && opts.so_rcvlowat > 1) set(level.SOCKET, option.RCVLOWAT, opts.so_rcvlowat, "SO_RCVLOWAT");
  if (opts.so_priority !== undefined && opts.so_priority !== 0)
    set(level.SOCKET, option.PRIORITY, opts.so_priority, "SO_PRIORITY");
  // The kernel doubles what a program asks for; only sizes that the program set itself are locked.
  const locked = opts.so_buf_lock ?? 0;
  if ((locked & SOCK_BUF_LOCK.SNDBUF) !== 0) set(level.SOCKET, option.SNDBUF, opts.so_sndbuf >> 1, "SO_SNDBUF");
  if ((locked & SOCK_BUF_LOCK.RCVBUF) !== 0) set(level.SOCKET, option.RCVBUF, opts.so_rcvbuf >> 1, "SO_RCVBUF");
  for (const [key, seconds, microseconds] of [
    [option.SNDTIMEO, opts.so_snd_tmo_sec, opts.so_snd_tmo_usec],
    [option.RCVTIMEO, opts.so_rcv_tmo_sec, opts.so_rcv_tmo_usec],
  ] as const) {
    if (seconds > 0n || microseconds > 0n) {
      program.call("setsockopt", [descriptor, level.SOCKET, key, program.words([seconds, microseconds]), 16], {
        describe: "socket timeout",
      });
    }
  }
  if (opts.so_linger !== undefined && opts.so_linger !== 0) {
    const linger = program.words([1n | (BigInt(opts.so_linger) << 32n)]);
    program.call("setsockopt", [descriptor, level.SOCKET, option.LINGER, linger, 8], { describe: "SO_LINGER" });
  }
  if (socket.type !== socketType.STREAM) return;
  if (tcp?.nodelay === true) set(level.TCP, tcpOption.NODELAY, 1, "TCP_NODELAY");
  if (tcp?.cork === true) set(level.TCP, tcpOption.CORK, 1, "TCP_CORK");
  set(level.TCP, tcpOption.KEEPIDLE, tcp?.keepidle ?? opts.tcp_keepidle, "TCP_KEEPIDLE");
  set(level.TCP, tcpOption.KEEPINTVL, tcp?.keepintvl ?? opts.tcp_keepintvl, "TCP_KEEPINTVL");
  set(level.TCP, tcpOption.KEEPCNT, tcp?.keepcnt ?? opts.tcp_keepcnt, "TCP_KEEPCNT");
}

function emitIpOptions({ family: socketFamily, ip_opts: options }: InetSkEntry, set: SetOption): void {
  if (socketFamily === family.INET6) {
    if (options?.freebind === true) set(level.IPV6, ipv6Option.FREEBIND, 1, "IPV6_FREEBIND");
    if (options?.pktinfo === true) set(level.IPV6, ipv6Option.RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
    return;
  }
  if (options?.freebind === true) set(level.IP, ipOption.FREEBIND, 1, "IP_FREEBIND");
  if (options?.pktinfo === true) set(level.IP, ipOption.PKTINFO, 1, "IP_PKTINFO");
  if ((options?.tos ?? 0) !== 0) set(level.IP, ipOption.TOS, options?.tos, "IP_TOS");
  if ((options?.ttl ?? defaultTtl) !== defaultTtl) set(level.IP, ipOption.TTL, options?.ttl, "IP_TTL");
}

function setOption(program: Program, descriptor: number, layer: number, key: number, value: number, describe: string): void {
  program.call("setsockopt", [descriptor, layer, key, program.words([value]), 4], { describe });
}

/**
 * A connection can't follow to another address: the program finds it reset by its peer. Made for real, by a
 * connection over the loopback device whose other end is closed with SO_LINGER 0.
 */
function emitResetConnection(emission: Emission, socket: InetSkEntry): number {
  const { program, temporaries, notes } = emission;
  const name = `connection ${formatEndpoint(socket, "src")} - ${formatEndpoint(socket, "dst")}`;
  notes.push(`${name}: the program will find it reset by its peer`);
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
  program.call("setsockopt", [peer, level.SOCKET, option.LINGER, program.words([1]), 8], { describe: name });
  temporaries.close(peer);
  temporaries.close(listener);
  program.call("fcntl", [descriptor, F_SETFL, socket.flags & O_NONBLOCK], { describe: name });
  return descriptor;
}

function addressBytes(words: readonly number[]): number[] {
  return words.flatMap((word) => [word & 255, (word >> 8) & 255, (word >> 16) & 255, (word >>> 24) & 255]);
}

/** struct sockaddr_in or sockaddr_in6. */
function socketAddress(socket: InetSkEntry, end: "src" | "dst"): Uint8Array {
  const port = end === "src" ? socket.src_port : socket.dst_port;
  const address = addressBytes(end === "src" ? socket.src_addr : socket.dst_addr);
  const head = [socket.family, 0, port >> 8, port & 255];
  if (socket.family === family.INET) return new Uint8Array([...head, ...address.slice(0, 4), 0, 0, 0, 0, 0, 0, 0, 0]);
  return new Uint8Array([...head, 0, 0, 0, 0, ...address, 0, 0, 0, 0]);
}
