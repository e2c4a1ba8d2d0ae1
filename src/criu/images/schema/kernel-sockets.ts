/**
 * Netlink and packet sockets.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { fownEntry } from "./owner.ts";
import { skOptsEntry } from "./sockets.ts";

export const netlinkSkEntry = message("netlink_sk_entry", {
  id: required(1, "uint32"),
  ino: required(2, "uint32"),
  protocol: required(3, "uint32"), // NETLINK_*
  state: required(4, "uint32"),
  flags: required(6, "uint32"),
  portid: required(7, "uint32"),
  groups: repeated(8, "uint32"),
  dst_portid: required(9, "uint32"),
  dst_group: required(10, "uint32"),
  fown: required(11, fownEntry),
  opts: required(12, skOptsEntry),
  ns_id: optional(13, "uint32"),
});
export type NetlinkSkEntry = MessageOf<typeof netlinkSkEntry>;

export const packetMclist = message("packet_mclist", {
  index: required(1, "uint32"),
  type: required(2, "uint32"),
  addr: required(3, "bytes"),
});
export type PacketMclist = MessageOf<typeof packetMclist>;

export const packetRing = message("packet_ring", {
  block_size: required(1, "uint32"),
  block_nr: required(2, "uint32"),
  frame_size: required(3, "uint32"),
  frame_nr: required(4, "uint32"),
  retire_tmo: required(5, "uint32"),
  sizeof_priv: required(6, "uint32"),
  features: required(7, "uint32"),
});
export type PacketRing = MessageOf<typeof packetRing>;

export const packetSockEntry = message("packet_sock_entry", {
  id: required(1, "uint32"),
  type: required(2, "uint32"),
  protocol: required(3, "uint32"),
  flags: required(4, "uint32"),
  ifindex: required(5, "uint32"),
  fown: required(6, fownEntry),
  opts: required(7, skOptsEntry),
  version: required(8, "uint32"),
  reserve: required(9, "uint32"),
  aux_data: required(10, "bool"),
  orig_dev: required(11, "bool"),
  vnet_hdr: required(12, "bool"),
  loss: required(13, "bool"),
  timestamp: required(14, "uint32"),
  copy_thresh: required(15, "uint32"),
  mclist: repeated(16, packetMclist),
  fanout: optional(17, "uint32"), // (default 0xffffffff)
  rx_ring: optional(18, packetRing),
  tx_ring: optional(19, packetRing),
  ns_id: optional(20, "uint32"),
});
export type PacketSockEntry = MessageOf<typeof packetSockEntry>;
