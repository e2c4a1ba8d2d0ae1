import { ensureImage } from "../../lab/images.ts";
import { docker, removeContainer } from "./docker.ts";
import { eventually } from "../../src/resume/testing/eventually.ts";

/** A project as docker compose would make it: a web server between a worker and a redis, which talk to each other without pause. */
export const project = `migrate-group-${process.pid}`;
export const services = ["redis", "web", "worker"] as const;
export type Service = (typeof services)[number];
export const network = `${project}_default`;
export const volume = `${project}_data`;

export function containerOf(service: Service): string {
  return `${project}-${service}-1`;
}

/** Hands each number on to the redis, over connections that it keeps. Each number must be the last one's next. */
const web = `
import socket
redis = socket.create_connection(("redis", 6379))
server = socket.create_server(("0.0.0.0", 8000))
client = server.accept()[0]
lines, last = client.makefile(), 0
while True:
    number = int(lines.readline())
    if number != last + 1: print("web: after", last, "came", number, flush=True)
    last = number
    redis.sendall(b"INCR counter\\r\\n")
    answer = b""
    while not answer.endswith(b"\\r\\n"): answer += redis.recv(100)
    client.sendall(answer[1:])
`;

/** Asks for the next number over a connection that it keeps, and writes down what it gets. */
const worker = `
import socket
server = socket.create_connection(("web", 8000))
lines, log, number = server.makefile(), open("/data/sequence", "a", buffering=1), 0
while True:
    number += 1
    server.sendall(b"%d\\n" % number)
    log.write(lines.readline())
`;

/** Starts it; it has worked a little then. */
export async function startProject(): Promise<void> {
  await removeProject();
  await docker("network", "create", "--label", `com.docker.compose.project=${project}`, network);
  const start = async (service: Service, image: string, ...command: string[]) => {
    await docker(
      ...["run", "--detach", "--name", containerOf(service), "--network", network, "--network-alias", service, "--stop-timeout", "1"],
      ...["--label", `com.docker.compose.project=${project}`, "--label", `com.docker.compose.service=${service}`],
      ...["--volume", `${volume}:/data`, image, ...command],
    );
  };
  const python = await ensureImage("python");
  await start("redis", await ensureImage("redis"));
  // Docker answers by name as soon as the container runs; redis and the server listen a moment later.
  await eventually("redis", async () => (await docker("exec", containerOf("redis"), "redis-cli", "ping")) === "PONG");
  await start("web", python, "python3", "-c", web);
  await eventually("the server", async () => (await docker("exec", containerOf("web"), "cat", "/proc/net/tcp")).includes(":1F40 00000000:0000 0A"));
  await start("worker", python, "python3", "-c", worker);
  await eventually("the worker", async () => Number(await docker("exec", containerOf("worker"), "sh", "-c", "wc -l < /data/sequence")) > 100);
}

export async function removeProject(): Promise<void> {
  for (const service of services) await removeContainer(containerOf(service));
  await docker("volume", "rm", "--force", volume);
  await docker("network", "rm", network).catch(() => {});
}
