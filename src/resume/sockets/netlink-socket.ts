import type { NetlinkSkEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { defineFileKind, type FileSurroundings, oneByOne } from "../files/kind.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const O_NONBLOCK = 0o4000;
const F_SETFL = 4;
/** NETLINK_ROUTE, NETLINK_AUDIT, NETLINK_KOBJECT_UEVENT: those that qemu-user translates (linux-user/syscall.c, do_socket). */
const emulated: readonly number[] = [0, 9, 15];

export const netlinkSocketKind = defineFileKind("nlsk", { refuse, open: oneByOne(emitNetlinkSocket) });

function refuse({ protocol }: NetlinkSkEntry, { target }: FileSurroundings): string[] {
  const known = target.execution === "native" || emulated.includes(protocol);
  return known ? [] : [`a netlink socket of protocol ${protocol}, which the emulator does not know`];
}

/** Answers that were not read yet are lost, as CRIU loses them. */
function emitNetlinkSocket({ program, temporaries }: Emission, socket: NetlinkSkEntry): number {
  const describe = `netlink socket ${socket.portid}`;
  program.call("socket", [AF_NETLINK, SOCK_RAW, socket.protocol], { describe });
  const descriptor = temporaries.adopt(describe);
  // struct sockaddr_nl: family, padding, port id, the first 32 groups.
  const address = (port: number, groups: number) => {
    const bytes = new Uint8Array(12);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, AF_NETLINK, true);
    view.setUint32(4, port, true);
    view.setUint32(8, groups, true);
    return program.bytes(bytes);
  };
  if (socket.portid !== 0) program.call("bind", [descriptor, address(socket.portid, socket.groups[0] ?? 0), 12], { describe });
  for (const [word, groups] of socket.groups.entries()) {
    for (let bit = 0; word > 0 && bit < 32; bit++) {
      if (((groups >>> bit) & 1) === 0) continue;
      const group = program.words([word * 32 + bit + 1]);
      program.call("setsockopt", [descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, 4], { describe });
    }
  }
  if (socket.dst_portid !== 0 || socket.dst_group !== 0) {
    const groups = socket.dst_group === 0 ? 0 : 1 << (socket.dst_group - 1);
    program.call("connect", [descriptor, address(socket.dst_portid, groups), 12], { describe });
  }
  program.call("fcntl", [descriptor, F_SETFL, socket.flags & O_NONBLOCK], { describe });
  return descriptor;
}
