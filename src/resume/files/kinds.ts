import type { FileEntry } from "../../criu/images/schema/index.ts";
import { inetSocketKind } from "../sockets/inet/kind.ts";
import { netlinkSocketKind } from "../sockets/netlink-socket.ts";
import { packetSocketKind } from "../sockets/packet-socket.ts";
import { unixSocketKind } from "../sockets/unix/kind.ts";
import { epollKind } from "./epoll.ts";
import { eventfdKind } from "./eventfd.ts";
import { fanotifyKind } from "./fanotify.ts";
import { fifoKind } from "./fifo.ts";
import { inotifyKind } from "./inotify.ts";
import type { FileKind, FileMember } from "./kind.ts";
import { memfdKind } from "./memfd.ts";
import { pidfdKind } from "./pidfd.ts";
import { pipeKind } from "./pipe.ts";
import { regularFileKind } from "./regular-file.ts";
import { signalfdKind } from "./signalfd.ts";
import { timerfdKind } from "./timerfd.ts";
import { ttyKind } from "./tty.ts";

/** The kinds of open file that are carried, in the order in which they are opened. */
export const fileKinds: readonly FileKind[] = [
  pipeKind,
  fifoKind,
  regularFileKind,
  memfdKind,
  ttyKind,
  inetSocketKind,
  eventfdKind,
  signalfdKind,
  timerfdKind,
  pidfdKind,
  inotifyKind,
  fanotifyKind,
  epollKind,
  netlinkSocketKind,
  packetSocketKind,
  unixSocketKind,
];

/** What the kinds that are not carried are called. */
const otherKinds: Readonly<Partial<Record<FileMember, string>>> = {
  tunf: "a tun device",
  nsf: "a namespace file",
  bpf: "a BPF map",
  ext: "a file of a CRIU plugin",
};

/** @returns the kind, or what it is called when it is not one that is carried */
export function kindOf(file: FileEntry): FileKind | string {
  const kind = fileKinds.find(({ member }) => file[member] !== undefined);
  if (kind !== undefined) return kind;
  const other = (Object.keys(otherKinds) as FileMember[]).find((member) => file[member] !== undefined);
  return other === undefined ? `a file of type ${file.type}` : otherKinds[other]!;
}
