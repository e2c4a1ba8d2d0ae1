import { targetKind } from "../execution.ts";
import type { LiveFacts, SocketFacts } from "../live-facts.ts";
import { formatEndpoint } from "../reading/endpoints.ts";
import { liveRule, type Rule } from "../rule.ts";
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
  why: "The emulator does not bind packet sockets to a network device.",
  remedy: "Move to an x86_64 target, or close them.",
  see: (live, { target }) =>
    target === undefined || targetKind(target) !== "emulated"
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
  why: "The container has another address on the target, where the socket can't be bound.",
  remedy: "Let the program listen on all addresses (0.0.0.0 or ::).",
  see: (live) =>
    together(
      "sockets bound to an address of this container",
      ends(live, ({ kind, state, local }) => {
        const carriedAway = (kind === "tcp" && state === "listening") || kind === "udp";
        return carriedAway && local !== undefined && local.port !== 0 && !isEverywhere(local.address)
          ? formatEndpoint(local)
          : undefined;
      }),
    ),
});

const connections = liveRule({
  name: "socket.connection",
  severity: "warning",
  why: "Connections can't follow to another address: the program and its peers find them reset. Most programs then connect again.",
  remedy: "Move while nobody is connected, if the peers can't connect again by themselves.",
  see: (live) =>
    together(
      "established TCP connections",
      ends(live, ({ kind, state, local, remote }) =>
        kind === "tcp" && state === "connected" && local !== undefined && remote !== undefined
          ? `${formatEndpoint(local)} with ${formatEndpoint(remote)}`
          : undefined,
      ),
    ),
});

export const socketRules: readonly Rule[] = [packetSockets, unlisted, boundAddress, connections];
