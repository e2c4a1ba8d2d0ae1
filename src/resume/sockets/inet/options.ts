import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import type { Emission } from "../../emission.ts";
import { family, formatEndpoint } from "./address.ts";
import { socketType } from "./state.ts";

const level = { IP: 0, SOCKET: 1, TCP: 6, IPV6: 41, RAW: 255 } as const;
export const option = {
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
  BINDTODEVICE: 25,
  ATTACH_FILTER: 26,
} as const;
const tcpOption = { NODELAY: 1, CORK: 3, KEEPIDLE: 4, KEEPINTVL: 5, KEEPCNT: 6 } as const;
const ipOption = { TOS: 1, TTL: 2, HDRINCL: 3, PKTINFO: 8, FREEBIND: 15, NODEFRAG: 22 } as const;
const ipv6Option = { V6ONLY: 26, RECVPKTINFO: 49, FREEBIND: 78 } as const;
const ICMP_FILTER = 1;
/** Linux's default time to live; CRIU stores it also where the program set none. */
const defaultTtl = 64;
const SOCK_BUF_LOCK = { SNDBUF: 1, RCVBUF: 2 } as const;

export { level };

/** Sets an option of a socket to a number. */
export type SetOption = (layer: number, key: number, value: number | undefined, describe: string) => void;

export function optionSetter({ program }: Emission, socket: InetSkEntry, descriptor: number): SetOption {
  const name = `socket ${formatEndpoint(socket, "src")}`;
  return (layer, key, value, describe) => {
    if (value === undefined) return;
    program.call("setsockopt", [descriptor, layer, key, program.words([value]), 4], { describe: `${describe} of ${name}` });
  };
}

/** What must be set before the socket is bound. */
export function emitOptionsBefore(emission: Emission, socket: InetSkEntry, descriptor: number): void {
  const set = optionSetter(emission, socket, descriptor);
  const { program } = emission;
  const { so_bound_dev: device, so_reuseport: reusePort } = socket.opts;
  if (socket.family === family.INET6) set(level.IPV6, ipv6Option.V6ONLY, Number(socket.v6only ?? false), "IPV6_V6ONLY");
  if (device !== undefined && device !== "") {
    program.call("setsockopt", [descriptor, level.SOCKET, option.BINDTODEVICE, program.text(device), device.length + 1], {
      describe: `bind a socket to the device ${device}`,
    });
  }
  // As CRIU does: another socket of the process may hold the same port, so reuse is on while it is bound.
  set(level.SOCKET, option.REUSEADDR, 1, "SO_REUSEADDR");
  set(level.SOCKET, option.REUSEPORT, Number(reusePort ?? false), "SO_REUSEPORT");
}

/** All options as the program has set them. */
export function emitOptions(emission: Emission, socket: InetSkEntry, descriptor: number): void {
  const set = optionSetter(emission, socket, descriptor);
  // IP_TOS changes the priority as well (net/ipv4/ip_sockglue.c, __ip_sock_set_tos): it comes first.
  emitIpOptions(socket, set);
  emitSocketOptions(emission, socket, descriptor, set);
  emitRawOptions(emission, socket, descriptor, set);
}

/** A classic BPF program: CRIU has the fields of an instruction in a number, the operation in its highest bits (criu/sockets.c, encode_filter). */
function emitFilter({ program }: Emission, { opts: { so_filter: code } }: InetSkEntry, descriptor: number): void {
  if (code.length === 0) return;
  // struct sock_filter: operation (16 bits), two jumps (8 bits each), operand (32 bits).
  const instructions = code.map(
    (entry) =>
      (entry >> 48n) | (((entry >> 40n) & 0xffn) << 16n) | (((entry >> 32n) & 0xffn) << 24n) | ((entry & 0xffff_ffffn) << 32n),
  );
  const filter = program.words([code.length, program.words(instructions)]);
  program.call("setsockopt", [descriptor, level.SOCKET, option.ATTACH_FILTER, filter, 16], { describe: "packet filter" });
}

function emitRawOptions(
  { program }: Emission,
  { type, ip_opts: options }: InetSkEntry,
  descriptor: number,
  set: SetOption,
): void {
  if (type !== socketType.RAW) return;
  if (options?.raw?.hdrincl === true) set(level.IP, ipOption.HDRINCL, 1, "IP_HDRINCL");
  if (options?.raw?.nodefrag === true) set(level.IP, ipOption.NODEFRAG, 1, "IP_NODEFRAG");
  const filter = options?.raw?.icmpv_filter ?? [];
  if (filter.length === 0) return;
  const bytes = new Uint8Array(Uint32Array.from(filter).buffer);
  program.call("setsockopt", [descriptor, level.RAW, ICMP_FILTER, program.bytes(bytes), bytes.length], {
    describe: "ICMP filter",
  });
}

function emitSocketOptions(emission: Emission, socket: InetSkEntry, descriptor: number, set: SetOption): void {
  const { program } = emission;
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
  emitFilter(emission, socket, descriptor);
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
