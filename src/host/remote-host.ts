import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CommandHost } from "./command-host.ts";
import { relaySocket } from "./socket-relay.ts";

/** A machine behind a connection, whose unix sockets are reached through sockets in a folder here. */
export abstract class RemoteHost extends CommandHost {
  readonly #directory: string;
  readonly #sockets = new Map<string, Promise<string>>();
  /** The sockets that the connection itself carries on, by their paths there. */
  readonly #forwards = new Map<string, string>();
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
  /** Ends a forward; one that went with the connection is none. Never throws. */
  protected abstract endForward(here: string): Promise<void>;

  override unixSocket(path: string): Promise<string> {
    let socket = this.#sockets.get(path);
    if (socket === undefined) {
      socket = this.#reach(path, join(this.#directory, `socket-${this.#sockets.size}`));
      this.#sockets.set(path, socket);
    }
    return socket;
  }

  /** Makes the forwards of a connection that is made anew. Relays need nothing: each of their connections is a command. */
  protected async forwardAnew(): Promise<void> {
    for (const [path, here] of this.#forwards) {
      await this.endForward(here);
      await rm(here, { force: true });
      await this.forward(path, here);
    }
  }

  protected async endSockets(): Promise<void> {
    await Promise.allSettled(this.#sockets.values());
    for (const end of this.#relays) await end();
    for (const here of this.#forwards.values()) await this.endForward(here);
  }

  async #reach(path: string, here: string): Promise<string> {
    if (await this.mayForward(path)) {
      await this.forward(path, here);
      this.#forwards.set(path, here);
    } else {
      this.#relays.push(await relaySocket(this, here, path));
    }
    return here;
  }
}
