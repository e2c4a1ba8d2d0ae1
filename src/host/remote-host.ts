import { rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { CommandHost } from "./command-host.ts";
import { connected } from "./connected.ts";
import { relaySocket } from "./socket-relay.ts";

/** A machine behind a connection, whose unix sockets are reached through sockets in a folder here. */
export abstract class RemoteHost extends CommandHost {
  readonly #directory: string;
  readonly #sockets = new Map<string, Promise<string>>();
  /** The sockets that the connection itself carries on, and how each is made, by what they reach there. */
  readonly #forwards = new Map<string, { readonly here: string; readonly make: () => Promise<void> }>();
  readonly #relays: (() => Promise<void>)[] = [];

  /** @param directory a private one of this machine */
  constructor(name: string, directory: string) {
    super(name);
    this.#directory = directory;
  }

  /** Whether the connection may open the machine's socket: it does so with its login user's rights, whomever commands run as. */
  protected abstract mayForward(path: string): Promise<boolean>;
  /** Listens at `here` and carries each connection to the machine's `path`. */
  protected abstract forward(path: string, here: string): Promise<void>;
  /** The same to a TCP port. */
  protected abstract forwardTcp(address: string, port: number, here: string): Promise<void>;
  /** Ends a forward; one that went with the connection is none. Never throws. */
  protected abstract endForward(here: string): Promise<void>;

  override unixSocket(path: string): Promise<string> {
    return this.#socketTo(path, (here) => this.#reach(path, here));
  }

  override async connectTcp(address: string, port: number): Promise<Socket> {
    const place = `${address} ${port}`;
    const here = await this.#socketTo(place, (socket) =>
      this.#carry(place, socket, () => this.forwardTcp(address, port, socket)),
    );
    return await connected({ path: here });
  }

  /** Makes the forwards of a connection that is made anew. Relays need nothing: each of their connections is a command. */
  protected async forwardAnew(): Promise<void> {
    for (const { here, make } of this.#forwards.values()) {
      await this.endForward(here);
      await rm(here, { force: true });
      await make();
    }
  }

  protected async endSockets(): Promise<void> {
    await Promise.allSettled(this.#sockets.values());
    for (const end of this.#relays) await end();
    for (const { here } of this.#forwards.values()) await this.endForward(here);
  }

  /** The socket here that reaches something there; made once. */
  #socketTo(place: string, make: (here: string) => Promise<void>): Promise<string> {
    let socket = this.#sockets.get(place);
    if (socket === undefined) {
      const here = join(this.#directory, `socket-${this.#sockets.size}`);
      socket = make(here).then(() => here);
      this.#sockets.set(place, socket);
    }
    return socket;
  }

  async #reach(path: string, here: string): Promise<void> {
    if (await this.mayForward(path)) await this.#carry(path, here, () => this.forward(path, here));
    else this.#relays.push(await relaySocket(this, here, path));
  }

  async #carry(place: string, here: string, make: () => Promise<void>): Promise<void> {
    await make();
    this.#forwards.set(place, { here, make });
  }
}
