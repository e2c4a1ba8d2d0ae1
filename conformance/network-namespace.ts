import { randomBytes } from "node:crypto";
import { execa } from "execa";

/**
 * A network namespace with a loopback device, as an engine makes it for a container: it lies outside of the dump, and is there before
 * and after.
 */
export class NetworkNamespace implements AsyncDisposable {
  readonly #name = `conformance-${randomBytes(6).toString("hex")}`;

  get path(): string {
    return `/run/netns/${this.#name}`;
  }

  static async create(): Promise<NetworkNamespace> {
    const namespace = new NetworkNamespace();
    await execa("ip", ["netns", "add", namespace.#name]);
    await execa("ip", ["-netns", namespace.#name, "link", "set", "lo", "up"]);
    return namespace;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execa("ip", ["netns", "delete", this.#name], { reject: false });
  }
}
