import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { openEngine } from "../engine/find-engine.ts";
import { MigrationError, messageOf } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { isLocal } from "../host/local.ts";
import { openHost } from "../host/open.ts";
import type { MoveRecord } from "../migration/journal/move-record.ts";
import { readJournals } from "../migration/journal/read-journals.ts";
import { findCopy } from "../migration/objects/target-copy.ts";
import { openSide } from "../migration/sides.ts";
import { overLink } from "../transfer/over-link.ts";
import { type ForwardedPort, forwardedPorts } from "./published-ports.ts";

export type ForwardEvent =
  | { readonly type: "listening"; readonly port: ForwardedPort }
  | { readonly type: "connected" | "closed"; readonly port: ForwardedPort }
  /** What could not be done for one connection. */
  | { readonly type: "failed"; readonly port: ForwardedPort; readonly error: string }
  | { readonly type: "link-lost" | "link-back" }
  | { readonly type: "note"; readonly text: string };

export interface ForwardOptions {
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly onEvent?: ((event: ForwardEvent) => void) | undefined;
}

export interface Forwarded {
  readonly target: string;
  readonly ports: readonly ForwardedPort[];
  /** How many connections were carried. */
  readonly connections: number;
}

/** Milliseconds between two looks at the link. */
const lookMs = 10_000;
/** Milliseconds: as good as for ever, and as long as a timer can be. */
const patienceMs = 2 ** 31 - 1;

/**
 * Listens at the ports that a moved container had published on this machine, and carries what connects to them to the container where it is now, until
 * the signal. A link that breaks is made anew; what was connected is closed then.
 * @param which id of the move, or name or id of the container
 * @throws MigrationError `no-such-move`, `usage` when it has no such ports, `target-conflict` when one is taken here, `container-not-found`,
 * `target-unreachable`, `engine-unavailable`
 */
export async function forward(which: string, options: ForwardOptions): Promise<Forwarded> {
  const { signal, onEvent = () => {} } = options;
  const { id, begin } = await movedFromHere(which);
  await using stack = new AsyncDisposableStack();
  const host = stack.use(await openHost(begin.target, { configFile: begin.sshConfig, signal }));
  const copy = await findCopy(await openEngine(host, begin.targetEngine ?? "docker", stack), id);
  if (copy === undefined) {
    throw new MigrationError("container-not-found", `the container that ${begin.container} became is not there any more`, {
      host: host.name,
    });
  }
  const { engine } = await openSide("local", stack, { signal }, begin.sourceEngine);
  const before = await engine.find(begin.containerId);
  const { ports, notes } = forwardedPorts(before, copy);
  for (const text of notes) onEvent({ type: "note", text });
  if (ports.length === 0) throw new MigrationError("usage", `${begin.container} had no published TCP port`, { host: "local" });
  const forwarding = new Forwarding(host, onEvent);
  stack.defer(() => forwarding.end());
  for (const port of ports) await forwarding.listen(port);
  await keepLink(host, options);
  return { target: host.name, ports, connections: forwarding.connections };
}

async function movedFromHere(which: string): Promise<MoveRecord> {
  const moves = (await readJournals()).filter(({ id, begin }) => [id, begin.container, begin.containerId].includes(which));
  const found = moves.findLast(({ begin, end }) => end?.status === "migrated" && isLocal(begin.source ?? "local"));
  if (found !== undefined && !isLocal(found.begin.target)) return found;
  throw new MigrationError("no-such-move", `no container \`${which}\` has moved from this machine to another`, {
    host: "local",
    remedy: "`migrate-container history` lists all moves that were begun from this machine by this user.",
  });
}

/** Looks at the link, and makes it anew when it is broken, until the signal. */
async function keepLink(host: Host, { signal, onEvent }: ForwardOptions): Promise<void> {
  const onLink = (state: "lost" | "back") => onEvent?.({ type: `link-${state}` });
  while (!signal.aborted) {
    try {
      await overLink(host, { patienceMs, signal, onLink }, () => host.run(["true"], { signal }));
      await setTimeout(lookMs, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** The servers of one forwarding, and what is connected to them. */
class Forwarding {
  readonly #host: Host;
  readonly #onEvent: (event: ForwardEvent) => void;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  connections = 0;

  constructor(host: Host, onEvent: (event: ForwardEvent) => void) {
    this.#host = host;
    this.#onEvent = onEvent;
  }

  async listen(port: ForwardedPort): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => void this.#carry(socket, port));
    this.#servers.push(server);
    try {
      server.listen({ port: port.port, ...(port.address === "" ? {} : { host: port.address }) });
      await once(server, "listening");
    } catch (cause) {
      throw new MigrationError("target-conflict", `port ${port.port} can't be listened at: ${messageOf(cause)}`, {
        host: "local",
        remedy: "End what listens there (`ss -ltnp`), then try again.",
        cause,
      });
    }
    this.#onEvent({ type: "listening", port });
  }

  async end(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #carry(client: Socket, port: ForwardedPort): Promise<void> {
    const { address, port: number } = port.there;
    this.#keep(client);
    try {
      const onward = this.#keep(await this.#host.connectTcp(address, number));
      this.connections++;
      this.#onEvent({ type: "connected", port });
      await Promise.all([pipeline(client, onward), pipeline(onward, client)]);
      this.#onEvent({ type: "closed", port });
    } catch (error) {
      client.destroy();
      this.#onEvent({ type: "failed", port, error: messageOf(error) });
    }
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    // What breaks on one side ends the other by the pipelines.
    return socket.on("error", () => {}).once("close", () => this.#sockets.delete(socket));
  }
}
