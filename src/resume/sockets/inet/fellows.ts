import type { CheckpointImages } from "../../../criu/images/checkpoint-images.ts";
import type { InetSkEntry } from "../../../criu/images/schema/index.ts";
import { plainAddress } from "./address.ts";
import { firstIsServer } from "./connections.ts";
import { isConnectedTcp } from "./state.ts";
import { type ConnectionEnd, underWay } from "./under-way.ts";

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
  /** How many bytes the other end sends. */
  readonly comes: number;
  /** Names the connection; the same at both ends, of which one is the first. */
  readonly key: string;
  readonly isFirst: boolean;
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
  const connectionEnd = ({ member, socket }: End): ConnectionEnd => ({ socket, images: members[member]!.images });
  const connections = members.map((): FellowConnection[] => []);
  const outdated = new Set<number>();
  for (const one of ends.values()) {
    const other = ends.get(keyOf(one.socket, "dst", "src"));
    if (other === undefined || other.member === one.member) continue;
    const [from, to] = [connectionEnd(one), connectionEnd(other)];
    const { bytes, missing } = underWay(from, to);
    if (missing > 0) outdated.add(other.member);
    const accepts = firstIsServer(
      { socket: one.socket, sockets: sockets[one.member]! },
      { socket: other.socket, sockets: sockets[other.member]! },
    );
    const keys = [keyOf(one.socket, "src", "dst"), keyOf(one.socket, "dst", "src")] as const;
    const isFirst = keys[0] < keys[1];
    const key = keys[isFirst ? 0 : 1];
    const comes = underWay(to, from).bytes.length;
    connections[one.member]!.push({ id: one.socket.id, accepts, bytes, comes, key, isFirst });
  }
  return { connections, outdated };
}

function keyOf(socket: InetSkEntry, first: "src" | "dst", second: "src" | "dst"): string {
  const text = (end: "src" | "dst") => `${plainAddress(socket, end)} ${end === "src" ? socket.src_port : socket.dst_port}`;
  return `${text(first)} ${text(second)}`;
}
