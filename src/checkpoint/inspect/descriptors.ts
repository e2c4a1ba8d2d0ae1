import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { type FileEntry, fdType, type InetSkEntry } from "../../criu/images/schema/index.ts";
import { formatEndpoint } from "../../resume/sockets/inet/address.ts";
import { shownName } from "../../resume/sockets/unix/name.ts";
import type { InspectedFile, InspectedSocket } from "./inspection.ts";

/** linux/include/net/tcp_states.h */
const states = [
  ...["", "established", "syn-sent", "syn-received", "fin-wait-1", "fin-wait-2", "time-wait", "closed", "close-wait"],
  ...["last-ack", "listening", "closing"],
];
const kinds: Readonly<Record<number, string>> = {
  [fdType.values.EVENTFD]: "eventfd",
  [fdType.values.EVENTPOLL]: "epoll",
  [fdType.values.INOTIFY]: "inotify",
  [fdType.values.SIGNALFD]: "signalfd",
  [fdType.values.FANOTIFY]: "fanotify",
  [fdType.values.NS]: "namespace",
  [fdType.values.TUNF]: "tun",
  [fdType.values.EXT]: "external",
  [fdType.values.TIMERFD]: "timerfd",
  [fdType.values.BPFMAP]: "bpf-map",
};

interface Held {
  readonly pid: number;
  readonly descriptor: number;
  readonly file: FileEntry;
}

/** What processes have open, sockets apart. */
export function inspectFiles(images: CheckpointImages): InspectedFile[] {
  return held(images)
    .filter(({ file }) => socketOf(file) === undefined)
    .map(({ pid, descriptor, file }) => ({ pid, descriptor, ...describe(images, file) }));
}

export function inspectSockets(images: CheckpointImages): InspectedSocket[] {
  return held(images).flatMap(({ pid, descriptor, file }) => {
    const socket = socketOf(file);
    return socket === undefined ? [] : [{ pid, descriptor, ...socket }];
  });
}

function held(images: CheckpointImages): Held[] {
  return images.pstree.flatMap(({ pid }) => {
    const table = images.ids(pid)?.files_id;
    if (table === undefined || images.mm(pid) === undefined) return [];
    return images.fdinfo(table).flatMap(({ fd: descriptor, id }) => {
      const file = images.files.get(id);
      return file === undefined ? [] : [{ pid, descriptor, file }];
    });
  });
}

type Description = Pick<InspectedFile, "kind" | "name" | "position">;

function describe(images: CheckpointImages, file: FileEntry): Description {
  const { reg, pipe, fifo, memfd, tty, pidfd } = file;
  const named = (kind: string, name: string): Description => ({ kind, name, position: undefined });
  if (reg !== undefined) {
    const deleted = images.remaps.has(file.id) ? " (deleted)" : "";
    return { kind: "file", name: `${reg.name || "/"}${deleted}`, position: Number(reg.pos) };
  }
  if (pipe !== undefined) return named("pipe", `pipe:[${pipe.pipe_id}], ${(pipe.flags & 1) === 0 ? "read" : "write"} end`);
  if (fifo !== undefined) return named("fifo", images.files.get(fifo.regf_id ?? -1)?.reg?.name ?? `fifo:[${fifo.pipe_id}]`);
  if (memfd !== undefined)
    return { ...named("memfd", images.memfds.get(memfd.inode_id)?.name ?? ""), position: Number(memfd.pos) };
  if (tty !== undefined) return named("terminal", images.files.get(tty.regf_id ?? -1)?.reg?.name ?? "");
  if (pidfd !== undefined) return named("pidfd", `process ${pidfd.nspid}`);
  return named(kinds[file.type] ?? `type ${file.type}`, "");
}

type SocketDescription = Omit<InspectedSocket, "pid" | "descriptor">;

function socketOf({ isk, usk, nlsk, psk }: FileEntry): SocketDescription | undefined {
  if (isk !== undefined) return inetSocket(isk);
  if (usk !== undefined) {
    const peer = usk.peer === 0 ? "" : `inode ${usk.peer}`;
    return { protocol: "unix", state: states[usk.state] ?? "", local: shownName(usk), peer };
  }
  if (nlsk !== undefined) return { protocol: "netlink", state: "", local: `protocol ${nlsk.protocol}`, peer: "" };
  return psk === undefined ? undefined : { protocol: "packet", state: "", local: `protocol ${psk.protocol}`, peer: "" };
}

function inetSocket(socket: InetSkEntry): SocketDescription {
  const protocol = { 6: "tcp", 17: "udp", 136: "udplite" }[socket.proto] ?? "raw";
  const connected = socket.dst_port !== 0;
  return {
    protocol: socket.family === 10 ? `${protocol}6` : protocol,
    state: states[socket.state] ?? "",
    local: formatEndpoint(socket, "src"),
    peer: connected ? formatEndpoint(socket, "dst") : "",
  };
}
