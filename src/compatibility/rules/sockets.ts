import { emulatorOf } from "../execution.ts";
import type { Endpoint, LiveFacts, SocketFacts } from "../live-facts.ts";
import { formatEndpoint } from "../reading/endpoints.ts";
import { liveRule, type Rule } from "../rule.ts";
import type { Subject } from "../subject.ts";
import { isEverywhere } from "./container-network.ts";
import { carried } from "./processes.ts";
import { together } from "./words.ts";

function sockets(live: LiveFacts, applies: (socket: SocketFacts) => boolean): string[] {
  const processes = new Map(carried(live).map((process) => [process.pid, process]));
  return live.sockets.flatMap((socket) => {
    const process = processes.get(socket.pid);
    return process === undefined || !applies(socket)
      ? []
      : [`descriptor ${socket.descriptor} of ${process.name} (${process.containerPid})`];
  });
}

function ends(live: LiveFacts, describe: (socket: SocketFacts) => string | undefined): string[] {
  const pids = new Set(carried(live).map(({ pid }) => pid));
  return live.sockets.flatMap((socket) => (pids.has(socket.pid) ? (describe(socket) ?? []) : []));
}

const packetSockets = liveRule({
  name: "socket.packet",
  severity: "blocker",
  strategies: ["resume"],
  why: "The emulator does not bind packet sockets to a network device.",
  remedy: "Move to an x86_64 target, or close them.",
  see: (live, situation) =>
    emulatorOf(situation) === undefined
      ? []
      : together(
          "packet sockets",
          sockets(live, ({ kind }) => kind === "packet"),
        ),
});

const unlisted = liveRule({
  name: "socket.unlisted",
  severity: "info",
  why: "The kernel lists them nowhere: either they are not yet bound, and no obstacle, or of a rare family. Then the dump is refused, and the container goes on here.",
  see: (live) =>
    together(
      "sockets of an unknown kind",
      sockets(live, ({ kind }) => kind === "unlisted"),
    ),
});

const boundAddress = liveRule({
  name: "socket.address",
  severity: "blocker",
  why: "The container has another address on the target, where the socket can't be bound. Those that are moved as a group keep theirs in networks that users made.",
  remedy: "Let the program listen on all addresses (0.0.0.0 or ::).",
  see: (live, { subject: { group } }) =>
    together(
      "sockets bound to an address of this container",
      ends(live, ({ kind, state, local }) => {
        const carriedAway = (kind === "tcp" && state === "listening") || kind === "udp";
        const isThere = (address: string) => isEverywhere(address) || group?.addresses.has(address) === true;
        return carriedAway && local !== undefined && local.port !== 0 && !isThere(local.address)
          ? formatEndpoint(local)
          : undefined;
      }),
    ),
});

const connections = liveRule({
  name: "socket.connection",
  severity: "warning",
  why: "Connections to outside can't follow to another address: the program and its peers find them reset. Most programs then connect again. Those within the container go on, and those between containers that are moved as a group.",
  remedy: "Move while nobody is connected, if the peers can't connect again by themselves.",
  see: (live, { subject }) =>
    together(
      "established TCP connections",
      ends(live, (socket) => {
        const { local, remote } = socket;
        if (!isConnected(socket) || local === undefined || remote === undefined) return;
        const isInside = isLoopback(remote.address) || live.sockets.some((other) => areEnds(socket, other));
        return isInside || isWithFellow(socket, subject) ? undefined : `${formatEndpoint(local)} with ${formatEndpoint(remote)}`;
      }),
    ),
});

const fellowConnections = liveRule({
  name: "socket.group-connection",
  severity: "blocker",
  strategies: ["restore"],
  why: "CRIU restores one container after the other, so one end of such a connection would go on before the other is there.",
  remedy: "Use `--strategy resume`, by which all ends are there before any program goes on.",
  see: (live, { subject }) =>
    together(
      "TCP connections between containers of the group",
      ends(live, (socket) => {
        const { local, remote } = socket;
        if (!isWithFellow(socket, subject) || local === undefined || remote === undefined) return;
        return `${formatEndpoint(local)} with ${formatEndpoint(remote)}`;
      }),
    ),
});

const outsidePeers = liveRule({
  name: "socket.outside-peer",
  severity: "blocker",
  why: "The other end of a UNIX socket stays on the source with its process; CRIU can't dump such a connection.",
  remedy: "Close the connection with the program outside (a daemon whose socket is mounted into the container).",
  see: (live) =>
    together(
      "UNIX sockets connected to outside",
      sockets(live, ({ outsidePeer }) => outsidePeer === true),
    ),
});

const isConnected = ({ kind, state }: SocketFacts) => kind === "tcp" && state === "connected";

/** Whether a socket is connected with a container that is moved together with this one, at addresses that both keep. */
function isWithFellow(socket: SocketFacts, { group }: Subject): boolean {
  const { local, remote } = socket;
  if (!isConnected(socket) || group === undefined || local === undefined || remote === undefined) return false;
  return group.addresses.has(local.address) && group.fellowAddresses.has(remote.address);
}

/** The container's own: it never leads to another machine. */
const isLoopback = (address: string) => address === "::1" || address.startsWith("127.");

/** Whether two sockets are the two ends of one connection. */
function areEnds(one: SocketFacts, other: SocketFacts): boolean {
  const meet = (a: Endpoint | undefined, b: Endpoint | undefined) =>
    a !== undefined && b !== undefined && a.address === b.address && a.port === b.port;
  return other.kind === "tcp" && meet(one.local, other.remote) && meet(one.remote, other.local);
}

export const socketRules: readonly Rule[] = [packetSockets, unlisted, boundAddress, connections, fellowConnections, outsidePeers];
