import { ensureImage } from "../../lab/images.ts";
import { docker, type Published, publishedPort, removeContainer } from "./docker.ts";
import { connectRedis, fill, type Redis } from "./redis.ts";

export interface RedisContainer extends AsyncDisposable {
  readonly name: string;
  /** Where it is reached on this machine. */
  readonly published: Published;
  readonly keys: number;
}

/**
 * A redis in a container of this machine, started as a user would, with `keys` keys.
 * @param hostPort the port it is published at, also on the machine it is moved to. Default: 6379
 */
export async function startRedis(name: string, keys: number, hostPort = 6379): Promise<RedisContainer> {
  const image = await ensureImage("redis");
  await removeContainer(name);
  await docker("run", "--detach", "--name", name, "--publish", `${hostPort}:6379`, image);
  const published = await publishedPort(name, 6379);
  const client = await connectRedis(published);
  await fill(client, keys);
  client.destroy();
  return { name, published, keys, [Symbol.asyncDispose]: () => removeContainer(name) };
}

/** Connects, hands the client over, and disconnects. */
export async function withRedis<Result>(where: Published, use: (client: Redis) => Promise<Result>): Promise<Result> {
  const client = await connectRedis(where);
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}
