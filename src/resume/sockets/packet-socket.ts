import type { PacketSockEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { defineFileKind, type FileSurroundings, oneByOne } from "../files/kind.ts";

const AF_PACKET = 17;
const SOL_PACKET = 263;
const option = { AUXDATA: 8, ORIGDEV: 9 } as const;
const O_NONBLOCK = 0o4000;
const F_SETFL = 4;
const noFanout = 0xffff_ffff;
/** The loopback device is the first of every network namespace; others may have another number on the target. */
const loopbackIndex = 1;

export const packetSocketKind = defineFileKind("psk", { refuse, open: oneByOne(emitPacketSocket) });

function refuse(socket: PacketSockEntry, { target }: FileSurroundings): string[] {
  const { ifindex, fanout = noFanout, rx_ring, tx_ring, mclist, vnet_hdr, opts } = socket;
  const reasons: string[] = [];
  if (ifindex > loopbackIndex) reasons.push(`a packet socket bound to network device ${ifindex}`);
  if (rx_ring !== undefined || tx_ring !== undefined) reasons.push("a packet socket with a ring");
  if (fanout !== noFanout || mclist.length > 0 || vnet_hdr)
    reasons.push("a packet socket with a fanout, memberships or virtual headers");
  if (opts.so_filter.length > 0) reasons.push("a packet socket with a filter");
  if (target.execution === "emulated") reasons.push("a packet socket, which the emulator does not bind");
  return reasons;
}

function emitPacketSocket({ program, temporaries }: Emission, socket: PacketSockEntry): number {
  const describe = "packet socket";
  const protocol = ((socket.protocol & 0xff) << 8) | (socket.protocol >> 8);
  program.call("socket", [AF_PACKET, socket.type, socket.protocol], { describe });
  const descriptor = temporaries.adopt(describe);
  if (socket.ifindex !== 0) {
    // struct sockaddr_ll: family, protocol in network order, index of the device.
    const address = new Uint8Array(20);
    const view = new DataView(address.buffer);
    view.setUint16(0, AF_PACKET, true);
    view.setUint16(2, protocol, false);
    view.setInt32(4, socket.ifindex, true);
    program.call("bind", [descriptor, program.bytes(address), address.length], { describe });
  }
  for (const [set, key] of [
    [socket.aux_data, option.AUXDATA],
    [socket.orig_dev, option.ORIGDEV],
  ] as const) {
    if (set) program.call("setsockopt", [descriptor, SOL_PACKET, key, program.words([1]), 4], { describe });
  }
  program.call("fcntl", [descriptor, F_SETFL, socket.flags & O_NONBLOCK], { describe });
  return descriptor;
}
