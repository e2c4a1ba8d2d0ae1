/**
 * Internet and unix sockets, and what waits in their queues.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { skShutdown } from "./enums.ts";
import { fownEntry } from "./owner.ts";

export const skOptsEntry = message("sk_opts_entry", {
  so_sndbuf: required(1, "uint32"),
  so_rcvbuf: required(2, "uint32"),
  so_snd_tmo_sec: required(3, "uint64"),
  so_snd_tmo_usec: required(4, "uint64"),
  so_rcv_tmo_sec: required(5, "uint64"),
  so_rcv_tmo_usec: required(6, "uint64"),
  reuseaddr: optional(7, "bool"),
  so_priority: optional(8, "uint32"),
  so_rcvlowat: optional(9, "uint32"),
  so_mark: optional(10, "uint32"),
  so_passcred: optional(11, "bool"),
  so_passsec: optional(12, "bool"),
  so_dontroute: optional(13, "bool"),
  so_no_check: optional(14, "bool"),
  so_bound_dev: optional(15, "string"),
  so_filter: repeated(16, "fixed64"), // classic BPF program
  so_reuseport: optional(17, "bool"),
  so_broadcast: optional(18, "bool"),
  so_keepalive: optional(19, "bool"),
  tcp_keepcnt: optional(20, "uint32"),
  tcp_keepidle: optional(21, "uint32"),
  tcp_keepintvl: optional(22, "uint32"),
  so_oobinline: optional(23, "uint32"),
  so_linger: optional(24, "uint32"),
  so_buf_lock: optional(25, "uint32"),
});
export type SkOptsEntry = MessageOf<typeof skOptsEntry>;

export const ipOptsRawEntry = message("ip_opts_raw_entry", {
  hdrincl: optional(1, "bool"),
  nodefrag: optional(2, "bool"),
  checksum: optional(3, "bool"),
  icmpv_filter: repeated(4, "uint32"),
});
export type IpOptsRawEntry = MessageOf<typeof ipOptsRawEntry>;

export const ipOptsEntry = message("ip_opts_entry", {
  freebind: optional(1, "bool"),
  raw: optional(4, ipOptsRawEntry),
  pktinfo: optional(5, "bool"),
  tos: optional(6, "uint32"),
  ttl: optional(7, "uint32"),
});
export type IpOptsEntry = MessageOf<typeof ipOptsEntry>;

export const tcpOptsEntry = message("tcp_opts_entry", {
  cork: optional(1, "bool"),
  nodelay: optional(2, "bool"),
  keepcnt: optional(3, "uint32"),
  keepidle: optional(4, "uint32"),
  keepintvl: optional(5, "uint32"),
});
export type TcpOptsEntry = MessageOf<typeof tcpOptsEntry>;

export const inetSkEntry = message("inet_sk_entry", {
  id: required(1, "uint32"), // file id
  ino: required(2, "uint32"), // socket inode; names tcp-stream-<ino hex>.img
  family: required(3, "uint32"), // 2 INET, 10 INET6
  type: required(4, "uint32"), // 1 STREAM 2 DGRAM 3 RAW
  proto: required(5, "uint32"), // 6 TCP 17 UDP 136 UDPLITE
  state: required(6, "uint32"), // TCP_* (1 ESTABLISHED .. 7 CLOSE, 10 LISTEN)
  src_port: required(7, "uint32"), // host byte order
  dst_port: required(8, "uint32"),
  flags: required(9, "uint32"), // open flags
  backlog: required(10, "uint32"), // listen backlog
  src_addr: repeated(11, "uint32"), // 1 u32 (v4) or 4 u32 (v6), network byte order
  dst_addr: repeated(12, "uint32"),
  fown: required(13, fownEntry),
  opts: required(14, skOptsEntry),
  v6only: optional(15, "bool"),
  ip_opts: optional(16, ipOptsEntry),
  ifname: optional(17, "string"), // bind device for link-local v6
  ns_id: optional(18, "uint32"), // net namespace id
  shutdown: optional(19, skShutdown),
  tcp_opts: optional(20, tcpOptsEntry),
});
export type InetSkEntry = MessageOf<typeof inetSkEntry>;

export const tcpStreamEntry = message("tcp_stream_entry", {
  inq_len: required(1, "uint32"), // bytes in the receive queue: follow the entry as raw data
  inq_seq: required(2, "uint32"), // receive sequence
  outq_len: required(3, "uint32"), // bytes in the send queue: raw data after inq
  outq_seq: required(4, "uint32"),
  opt_mask: required(5, "uint32"), // negotiated TCPI_OPT_*
  snd_wscale: required(6, "uint32"),
  mss_clamp: required(7, "uint32"),
  rcv_wscale: optional(8, "uint32"),
  timestamp: optional(9, "uint32"), // TCP timestamp value
  cork: optional(10, "bool"), // deprecated
  nodelay: optional(11, "bool"), // deprecated
  unsq_len: optional(12, "uint32"), // unsent bytes among outq
  snd_wl1: optional(13, "uint32"),
  snd_wnd: optional(14, "uint32"),
  max_window: optional(15, "uint32"),
  rcv_wnd: optional(16, "uint32"),
  rcv_wup: optional(17, "uint32"),
});
export type TcpStreamEntry = MessageOf<typeof tcpStreamEntry>;

export const filePermsEntry = message("file_perms_entry", {
  mode: required(1, "uint32"),
  uid: required(2, "uint32"),
  gid: required(3, "uint32"),
});
export type FilePermsEntry = MessageOf<typeof filePermsEntry>;

export const unixSkEntry = message("unix_sk_entry", {
  id: required(1, "uint32"), // file id
  ino: required(2, "uint32"), // inode, referred to by peer
  type: required(3, "uint32"), // 1 STREAM 2 DGRAM 5 SEQPACKET
  state: required(4, "uint32"), // 1 ESTABLISHED 7 CLOSE 10 LISTEN
  flags: required(5, "uint32"), // open flags
  uflags: required(6, "uint32"), // USK_* (e.g. external, callback)
  backlog: required(7, "uint32"),
  peer: required(8, "uint32"), // ino of the peer, 0 none
  fown: required(9, fownEntry),
  opts: required(10, skOptsEntry),
  name: required(11, "bytes"), // sun_path bytes; leading NUL = abstract
  shutdown: optional(12, skShutdown),
  file_perms: optional(13, filePermsEntry),
  name_dir: optional(14, "string"), // cwd that a relative name belongs to
  deleted: optional(15, "bool"),
  ns_id: optional(16, "uint32"),
  mnt_id: optional(17, "sint32"), // (default -1)
});
export type UnixSkEntry = MessageOf<typeof unixSkEntry>;

export const scmEntry = message("scm_entry", {
  type: required(1, "uint32"), // 1 = SCM_RIGHTS
  rights: repeated(2, "uint32"), // file ids
});
export type ScmEntry = MessageOf<typeof scmEntry>;

export const skPacketEntry = message("sk_packet_entry", {
  id_for: required(1, "uint32"), // file id of the socket the packet waits in (CRIU v4.2, criu/sk-unix.c)
  length: required(2, "uint32"), // that many raw bytes follow
  scm: repeated(4, scmEntry), // passed descriptors
});
export type SkPacketEntry = MessageOf<typeof skPacketEntry>;
