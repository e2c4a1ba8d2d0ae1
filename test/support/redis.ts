import { setTimeout } from "node:timers/promises";
import { createClient } from "@redis/client";
import type { Published } from "./docker.ts";

function makeClient({ address, port }: Published) {
  return createClient({
    socket: { host: address, port, reconnectStrategy: false, connectTimeout: 5000 },
    disableOfflineQueue: true,
  });
}

export type Redis = ReturnType<typeof makeClient>;

/** Connects to a redis, trying for `timeoutMs` until it answers. */
export async function connectRedis(where: Published, timeoutMs = 30_000): Promise<Redis> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const client = makeClient(where);
    client.on("error", () => {}); // told by the rejected command
    try {
      await client.connect();
      await client.ping();
      return client;
    } catch (error) {
      if (client.isOpen) client.destroy();
      if (Date.now() > deadline) throw error;
      await setTimeout(200);
    }
  }
}

/** The value of key number `index`: different for each, and not all of one length. */
export function valueFor(index: number): string {
  return `value-${index}-${"x".repeat(index % 97)}`;
}

const batch = 1000;

/** Writes `count` keys `key:0`… with `valueFor`. */
export async function fill(client: Redis, count: number): Promise<void> {
  for (let first = 0; first < count; first += batch) {
    const pairs = Array.from(
      { length: Math.min(batch, count - first) },
      (_, index) => [`key:${first + index}`, valueFor(first + index)] as [string, string],
    );
    await client.mSet(pairs);
  }
}

/** Reads every key. @returns how many have the value they had */
export async function countRight(client: Redis, count: number): Promise<number> {
  let right = 0;
  for (let first = 0; first < count; first += batch) {
    const numbers = Array.from({ length: Math.min(batch, count - first) }, (_, index) => first + index);
    const values = await client.mGet(numbers.map((index) => `key:${index}`));
    right += numbers.filter((index, position) => values[position] === valueFor(index)).length;
  }
  return right;
}

/** A field of INFO. */
export async function info(client: Redis, field: string): Promise<string> {
  const text = await client.info();
  return new RegExp(`^${field}:(.*)$`, "m").exec(text)?.[1]?.trim() ?? "";
}

/** A client that increments a counter without pause, until it is stopped or the connection breaks. */
export class Incrementer {
  /** The last value that the server confirmed. */
  confirmed = 0;
  #running = true;
  readonly #done: Promise<void>;
  readonly #client: Redis;

  private constructor(client: Redis, key: string) {
    this.#client = client;
    this.#done = this.#run(key);
  }

  static async start(where: Published, key = "counter"): Promise<Incrementer> {
    return new Incrementer(await connectRedis(where), key);
  }

  async #run(key: string): Promise<void> {
    while (this.#running) {
      try {
        this.confirmed = await this.#client.incr(key);
      } catch {
        return; // the server has moved away
      }
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    // A request to a frozen server is never answered: the connection is cut.
    await Promise.race([this.#done, setTimeout(1000)]);
    if (this.#client.isOpen) this.#client.destroy();
    await this.#done;
  }
}
