import type { CheckpointImages } from "../../../criu/images/checkpoint-images.ts";
import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import { plainAddress } from "./address.ts";
import { firstIsServer } from "./connections.ts";
import { isConnectedTcp } from "./state.ts";
import { underWay } from "./under-way.ts";

/** A container of a group that is resumed together. */
export interface GroupMember {
  readonly images: Pick<CheckpointImages, "files" | "tcpStream">;
  /** The addresses that it has on the target as it had them on the source. */
  readonly addresses: ReadonlySet<string>;
}

/** One end of a connection with another container of the group. */
export interface FellowConnection {
  /** The end's file id. */
  readonly id: number;
  /** Whether it accepts the connection that the other one makes. */
  readonly accepts: boolean;
  /** What it sends: what the other end has not read, and what has not got through. */
  readonly bytes: Uint8Array;
}

export interface Fellowship {
  /** Of each member, in their order. */
  readonly connections: readonly (readonly FellowConnection[])[];
  /** Which members must be dumped anew: what has come to them since is not in their dumps. */
  readonly outdated: ReadonlySet<number>;
}

interface End {
  readonly member: number;
  readonly socket: InetSkEntry;
}

/** Finds the TCP connections of which two members have the ends, at addresses that both keep. */
export function findFellowship(members: readonly GroupMember[]): Fellowship {
  const sockets = members.map(({ images }) => [...images.files.values()].flatMap(({ isk }) => isk ?? []));
  const ends = new Map<string, End>();
  for (const [member, { addresses }] of members.entries()) {
    for (const socket of sockets[member]!) {
      if (isConnectedTcp(socket) && addresses.has(plainAddress(socket, "src")))
        ends.set(keyOf(socket, "src", "dst"), { member, socket });
    }
  }
  const connections = members.map((): FellowConnection[] => []);
  const outdated = new Set<number>();
  for (const one of ends.values()) {
    const other = ends.get(keyOf(one.socket, "dst", "src"));
    if (other === undefined || other.member === one.member) continue;
    const [from, to] = [one, other].map(({ member, socket }) => ({ socket, images: members[member]!.images })) as [
      Parameters<typeof underWay>[0],
      Parameters<typeof underWay>[1],
    ];
    const { bytes, missing } = underWay(from, to);
    if (missing > 0) outdated.add(other.member);
    const accepts = firstIsServer(
      { socket: one.socket, sockets: sockets[one.member]! },
      { socket: other.socket, sockets: sockets[other.member]! },
    );
    connections[one.member]!.push({ id: one.socket.id, accepts, bytes });
  }
  return { connections, outdated };
}

function keyOf(socket: InetSkEntry, first: "src" | "dst", second: "src" | "dst"): string {
  const text = (end: "src" | "dst") => `${plainAddress(socket, end)} ${end === "src" ? socket.src_port : socket.dst_port}`;
  return `${text(first)} ${text(second)}`;
}
