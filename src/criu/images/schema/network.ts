/**
 * Network devices and settings of a network namespace.
 * Names, numbers and types as in CRIU v4.2, images/*.proto (MIT).
 */
import { type MessageOf, message, optional, repeated, required } from "../../protobuf/schema.ts";
import { ndType, sysctlType } from "./enums.ts";

export const tunLinkEntry = message("tun_link_entry", {
  flags: required(1, "uint32"),
  owner: required(2, "int32"),
  group: required(3, "int32"),
  vnethdr: required(4, "uint32"),
  sndbuf: required(5, "uint32"),
});
export type TunLinkEntry = MessageOf<typeof tunLinkEntry>;

export const sysctlEntry = message("sysctl_entry", {
  type: required(1, sysctlType),
  iarg: optional(2, "int32"),
  sarg: optional(3, "string"),
});
export type SysctlEntry = MessageOf<typeof sysctlEntry>;

export const macvlanLinkEntry = message("macvlan_link_entry", {
  mode: required(1, "uint32"),
  flags: optional(2, "uint32"),
});
export type MacvlanLinkEntry = MessageOf<typeof macvlanLinkEntry>;

export const sitEntry = message("sit_entry", {
  link: optional(1, "uint32"),
  local: repeated(2, "uint32"),
  remote: repeated(3, "uint32"),
  ttl: optional(4, "uint32"),
  tos: optional(5, "uint32"),
  pmtudisc: optional(6, "bool"),
  proto: optional(7, "uint32"),
  flags: optional(8, "uint32"),
  encap_type: optional(9, "uint32"),
  encap_flags: optional(10, "uint32"),
  encap_sport: optional(11, "uint32"),
  encap_dport: optional(12, "uint32"),
  rd_prefixlen: optional(13, "uint32"),
  rd_prefix: repeated(14, "uint32"),
  relay_prefixlen: optional(15, "uint32"),
  relay_prefix: repeated(16, "uint32"),
});
export type SitEntry = MessageOf<typeof sitEntry>;

export const netDeviceEntry = message("net_device_entry", {
  type: required(1, ndType),
  ifindex: required(2, "uint32"),
  mtu: required(3, "uint32"),
  flags: required(4, "uint32"),
  name: required(5, "string"),
  tun: optional(6, tunLinkEntry),
  address: optional(7, "bytes"),
  conf: repeated(8, "int32"),
  conf4: repeated(9, sysctlEntry),
  conf6: repeated(10, sysctlEntry),
  macvlan: optional(11, macvlanLinkEntry),
  peer_ifindex: optional(12, "uint32"),
  peer_nsid: optional(13, "uint32"),
  master: optional(14, "uint32"),
  sit: optional(15, sitEntry),
});
export type NetDeviceEntry = MessageOf<typeof netDeviceEntry>;

export const netnsId = message("netns_id", {
  target_ns_id: required(1, "uint32"),
  netnsid_value: required(2, "int32"),
});
export type NetnsId = MessageOf<typeof netnsId>;

export const netnsEntry = message("netns_entry", {
  def_conf: repeated(1, "int32"),
  all_conf: repeated(2, "int32"),
  def_conf4: repeated(3, sysctlEntry),
  all_conf4: repeated(4, sysctlEntry),
  def_conf6: repeated(5, sysctlEntry),
  all_conf6: repeated(6, sysctlEntry),
  nsids: repeated(7, netnsId),
  ext_key: optional(8, "string"),
  unix_conf: repeated(9, sysctlEntry),
  ipv4_sysctl: repeated(10, sysctlEntry),
});
export type NetnsEntry = MessageOf<typeof netnsEntry>;
