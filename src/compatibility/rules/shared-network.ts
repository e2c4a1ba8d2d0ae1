import type { ContainerRecord } from "../../engine/docker/engine.ts";
import { isBundleRuntime } from "../../engine/engine-name.ts";
import type { LiveFacts } from "../live-facts.ts";
import { every, type Rule, sourceRule, targetRule } from "../rule.ts";
import type { UsedPort } from "../target-facts.ts";
import { meets } from "./container-network.ts";

const isInHostNetwork = ({ HostConfig: config }: ContainerRecord) => config.NetworkMode === "host";

const ownNetworkOfBundle = "Give it an empty network of its own if it matters: `--no-preserve-networking` of `migrate`.";

const hostNetwork = sourceRule({
  name: "container.host-network",
  severity: "warning",
  strategies: every,
  why: "On the target it is in that machine's network, with its addresses and its ports. What it reached at 127.0.0.1 are other programs there.",
  remedy: "Give it a network of its own if it matters: `--network host=bridge --publish 80:80` of `migrate`.",
  see({ container, engine: { engine } }) {
    if (!isInHostNetwork(container)) return [];
    return isBundleRuntime(engine)
      ? [{ seen: "it is in its machine's network", remedy: ownNetworkOfBundle }]
      : ["it is in its machine's network (--network=host)"];
  },
});

const ports = targetRule({
  name: "target.host-port",
  severity: "blocker",
  strategies: every,
  why: "Two programs can't listen at one port, and the container has none of its own in the machine's network.",
  remedy:
    "Stop what listens there (`ss -ltnup`, `docker ps`), or give the container a network of its own: `--network host=bridge --publish 8081:80` of `migrate`.",
  see({ usedPorts }, { subject: { container, live, engine } }) {
    if (!isInHostNetwork(container)) return [];
    const taken = boundPorts(live).filter(({ protocol, port, address }) =>
      usedPorts.some((used) => used.protocol === protocol && used.port === port && meets(used.address, address)),
    );
    const seen = [...new Set(taken.map(({ protocol, port }) => `its ${protocol} port ${port} is in use`))];
    return isBundleRuntime(engine.engine) ? seen.map((each) => ({ seen: each, remedy: ownNetworkOfBundle })) : seen;
  },
});

function boundPorts(live: LiveFacts | undefined): UsedPort[] {
  return (live?.sockets ?? []).flatMap(({ kind, state, local }) => {
    if (local === undefined || local.port === 0) return [];
    return kind === "udp" || (kind === "tcp" && state === "listening") ? [{ protocol: kind, ...local }] : [];
  });
}

/** Whose network a container with that mode is in. */
function ownerOf(mode = "default"): string {
  if (mode === "host") return "its machine's network";
  return mode.startsWith("container:") ? "another container's network" : "a network of its own";
}

const restored = sourceRule({
  name: "restore.network",
  severity: "blocker",
  strategies: ["restore"],
  why: "CRIU restores the network of a container that has its own, and takes the machine's only for processes that were in one.",
  remedy: "Use `--strategy resume`, or let it have on the target what it has here.",
  see({ networkMode, container }) {
    const [here, there] = [ownerOf(networkMode), ownerOf(container.HostConfig.NetworkMode)];
    return networkMode === undefined || here === there ? [] : [`it is in ${here}, and in ${there} on the target`];
  },
});

export const sharedNetworkRules: readonly Rule[] = [hostNetwork, ports, restored];
