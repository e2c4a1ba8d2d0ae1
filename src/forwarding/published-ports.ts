import type { ContainerRecord } from "../engine/docker/engine.ts";

/** A port of this machine, and where what connects to it goes. */
export interface ForwardedPort {
  /** Empty: every address of the machine. */
  readonly address: string;
  readonly port: number;
  /** On the target. */
  readonly there: { readonly address: string; readonly port: number };
}

/** What a published port is reached by on its own machine, where it is published at every address. */
const loopback = "127.0.0.1";
const everywhere = new Set(["", "0.0.0.0", "::"]);

/**
 * The published TCP ports of a container that has moved.
 * @param before as it was on this machine; undefined when it is removed: then the ports are those that it has there
 * @param now as it is on the target
 * @returns the ports, and what of them can't be forwarded, for people
 */
export function forwardedPorts(
  before: ContainerRecord | undefined,
  now: ContainerRecord,
): { readonly ports: ForwardedPort[]; readonly notes: string[] } {
  const ports: ForwardedPort[] = [];
  const notes: string[] = [];
  for (const [name, bindings] of Object.entries((now.NetworkSettings.Ports ?? {}) as Ports)) {
    const [there] = bindings ?? [];
    if (there?.HostPort === undefined) continue;
    const target = { address: everywhere.has(there.HostIp ?? "") ? loopback : there.HostIp!, port: Number(there.HostPort) };
    const wanted = before === undefined ? [there] : ((before.HostConfig.PortBindings as Ports | undefined)?.[name] ?? []);
    for (const { HostIp: address = "", HostPort: port = "" } of wanted) {
      if (!name.endsWith("/tcp")) notes.push(`${name} is not forwarded: only TCP is`);
      else if (Number(port) > 0)
        ports.push({ address: everywhere.has(address) ? "" : address, port: Number(port), there: target });
      else notes.push(`${name} is not forwarded: Docker had chosen its port here`);
    }
  }
  return { ports, notes };
}

type Ports = Readonly<Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>>;
