import type { CheckpointImages } from "../../../criu/images/checkpoint-images.ts";
import type { UnixSkEntry } from "../../../criu/images/schema/index.ts";

export const type = { STREAM: 1, DGRAM: 2, SEQPACKET: 5 } as const;
const state = { LISTEN: 10, CLOSE: 7 } as const;

/** How a unix socket is made again. */
export type UnixSocketRole =
  | { readonly kind: "listening" | "single" }
  /** One of two that are connected with each other. `listener` has accepted one of them, if it is still there. */
  | { readonly kind: "pair"; readonly peer: UnixSkEntry; readonly listener: UnixSkEntry | undefined }
  /** Sends datagrams to another, which does not send back. */
  | { readonly kind: "sender"; readonly receiver: UnixSkEntry }
  /** Connected once; its peer is closed. */
  | { readonly kind: "abandoned" }
  | { readonly kind: "refused"; readonly why: string };

export function unixSocketsOf(images: CheckpointImages): UnixSkEntry[] {
  return [...images.files.values()].flatMap(({ usk }) => usk ?? []);
}

export function roleOf(images: CheckpointImages, socket: UnixSkEntry): UnixSocketRole {
  const refused = (why: string): UnixSocketRole => ({ kind: "refused", why });
  const sockets = unixSocketsOf(images);
  if (socket.state === state.LISTEN) return { kind: "listening" };
  if (socket.peer === 0) {
    return socket.state === state.CLOSE || socket.type === type.DGRAM ? { kind: "single" } : { kind: "abandoned" };
  }
  const peer = sockets.find(({ ino }) => ino === socket.peer);
  if (peer === undefined) return refused("whose peer is outside of the container");
  if (peer.state === state.LISTEN) return refused("whose connection waits to be accepted");
  if (peer.peer === socket.ino) return { kind: "pair", peer, listener: listenerOf(sockets, socket) ?? listenerOf(sockets, peer) };
  if (peer.name.length === 0) return refused("that sends to one without a name");
  return { kind: "sender", receiver: peer };
}

/** The listening socket that has accepted this one, and so has given it its name. */
function listenerOf(sockets: readonly UnixSkEntry[], accepted: UnixSkEntry): UnixSkEntry | undefined {
  if (accepted.name.length === 0) return undefined;
  return sockets.find((socket) => socket.state === state.LISTEN && socket.type === accepted.type && sameName(socket, accepted));
}

export function sameName(one: UnixSkEntry, other: UnixSkEntry): boolean {
  return Buffer.compare(one.name, other.name) === 0 && (one.name_dir ?? "") === (other.name_dir ?? "");
}
