import assert from "node:assert/strict";
import { execa } from "execa";
import { ensureImage } from "../../lab/images.ts";
import type { LabMachine } from "../../lab/machines.ts";
import { eventually } from "../../src/resume/testing/eventually.ts";
import { docker, removeContainer } from "./docker.ts";
import { on } from "./machine.ts";

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
      ...[
        "run",
        "--detach",
        "--name",
        containerOf(service),
        "--network",
        network,
        "--network-alias",
        service,
        "--stop-timeout",
        "1",
      ],
      ...["--label", `com.docker.compose.project=${project}`, "--label", `com.docker.compose.service=${service}`],
      ...["--volume", `${volume}:/data`, image, ...command],
    );
  };
  const python = await ensureImage("python");
  await start("redis", await ensureImage("redis"));
  // Docker answers by name as soon as the container runs; redis and the server listen a moment later.
  await eventually("redis", async () => (await docker("exec", containerOf("redis"), "redis-cli", "ping")) === "PONG");
  await start("web", python, "python3", "-c", web);
  await eventually("the server", async () =>
    (await docker("exec", containerOf("web"), "cat", "/proc/net/tcp")).includes(":1F40 00000000:0000 0A"),
  );
  await start("worker", python, "python3", "-c", worker);
  await eventually(
    "the worker",
    async () => Number(await docker("exec", containerOf("worker"), "sh", "-c", "wc -l < /data/sequence")) > 100,
  );
}

export async function removeProject(): Promise<void> {
  for (const service of services) await removeContainer(containerOf(service));
  await docker("volume", "rm", "--force", volume);
  await docker("network", "rm", network).catch(() => {});
}

/** Removes what a move has made of it on another machine. */
export async function endProjectThere(machine: LabMachine): Promise<void> {
  const containers = services.map(containerOf).join(" ");
  const ends = [
    `docker rm --force --volumes ${containers}`,
    `docker network rm ${network}`,
    `docker volume rm --force ${volume}`,
  ];
  await on(machine, `{ ${ends.join("; ")}; } >/dev/null 2>&1; true`);
}

/** On an emulated machine with much to do a look alone takes seconds. */
export const patienceMs = 120_000;

/** A machine on which the project may be. */
export interface Place {
  run(command: string): Promise<string>;
}

export const here: Place = { run: async (command) => (await execa("sh", ["-c", command])).stdout.trim() };

export function placeOn(machine: LabMachine): Place {
  return { run: (command) => on(machine, command) };
}

/** `running`, `paused`, `exited` of each of the three that is there. */
export async function statesAt({ run }: Place): Promise<string[]> {
  const inspect = `docker inspect --format '{{.State.Status}}' ${services.map(containerOf).join(" ")} 2>/dev/null || true`;
  return (await run(inspect)).split("\n").filter((line) => line !== "");
}

/**
 * How far the worker has come: all numbers from 1 on must be there once, in their order.
 * @param atLeast waits until it has come so far
 */
export async function sequenceAt({ run }: Place, atLeast = 1): Promise<number> {
  const ask = async () => {
    // Read here: a million lines take an emulated program long.
    const numbers = (await run(`docker exec ${containerOf("worker")} cat /data/sequence`)).split("\n");
    // The last one may be half written.
    const wrong = numbers.slice(0, -1).flatMap((number, index) => (number === String(index + 1) ? [] : [number]));
    assert.deepEqual(wrong.slice(0, 5), []);
    return numbers.length > atLeast ? numbers.length - 1 : undefined;
  };
  return await eventually(`number ${atLeast}`, ask, patienceMs);
}

/** What the server has said of numbers that came twice or not at all. */
export async function wordsOfServer({ run }: Place): Promise<string> {
  return await run(`docker logs ${containerOf("web")} 2>&1`);
}

/** Starts it anew here, with nothing of it there. */
export async function startAnew(where: LabMachine): Promise<void> {
  await endProjectThere(where);
  await startProject();
}

/** The three go on there, and here none does. The worker has got every number once, and gets more. */
export async function assertMoved(where: LabMachine): Promise<void> {
  assert.deepEqual(await statesAt(placeOn(where)), ["running", "running", "running"]);
  assert.deepEqual(await statesAt(here), ["exited", "exited", "exited"]);
  await assertGoesOn(placeOn(where));
}

export async function assertGoesOn(place: Place): Promise<void> {
  const count = await sequenceAt(place);
  const later = await sequenceAt(place, count + 1);
  assert.ok(later > count, `${later} after ${count}`);
  assert.equal(await wordsOfServer(place), "");
}
