import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { dockerProgram } from "../lab/docker.ts";
import { ensureImage } from "../lab/images.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import type { Strategy } from "../src/compatibility/strategy.ts";
import { migrate } from "../src/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { ensureSource } from "./support/surroundings.ts";

const name = "move-logs";
/** Prints numbers, each in a line of some length: many at once, then without pause, so that logs are rotated while they are copied. */
const program = `
import time
n = 0
while True:
    n += 1
    print(n, "." * 200, flush=True)
    if n > 3000: time.sleep(0.01)
`;
let machine: LabMachine;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
});

after(removeAll);

async function removeAll(): Promise<void> {
  await removeContainer(name);
  await clear(machine, name);
}

async function start(...options: readonly string[]): Promise<void> {
  await removeAll();
  const image = await ensureImage("python");
  await docker("run", "--detach", "--name", name, "--stop-timeout", "1", ...options, image, "python3", "-c", program);
  await eventually("many lines", async () => numbersOf(await docker("logs", "--tail", "1", name))[0]! > 3000);
}

const where = () => ({ container: name, target: machine.target, sshConfig: machine.sshConfig });
const numbersOf = (logs: string) => logs.split("\n").map((line) => Number(line.split(" ")[0]));
const numbersThere = async () => numbersOf(await on(machine, `docker logs ${name}`));

/** Kinds, modes and owners of the log files in Docker's folder of the container, and what is no log of Docker's. */
const listScript = `cd "$(docker info --format '{{.DockerRootDir}}')/containers"
  cd "$(docker inspect --format '{{.Id}}' ${name})"; find . -name '*log*' -printf '%y %m %U:%G\\n' | sort -u; find . -name '*part*'`;

/** Asserts that the program has printed more there, after what was logged here, of which the newest must be there. */
async function assertGoesOn(): Promise<number[]> {
  const last = numbersOf(await docker("logs", "--tail", "1", name))[0]!;
  await eventually("a later line", async () => (await numbersThere()).at(-1)! > last + 10, 60_000);
  const there = (await numbersThere()).filter((number) => !Number.isNaN(number));
  assert.ok(there[0]! <= last, `${there[0]} after ${last}`);
  assert.deepEqual(
    there,
    there.map((_, index) => there[0]! + index),
  );
  return there;
}

interface Logged {
  readonly strategy: Strategy;
  readonly options: readonly string[];
  /** Whether none of it is gone by rotation. */
  readonly isWhole?: boolean;
}

const rotated = ["--log-opt", "max-size=128k", "--log-opt", "max-file=5"];
const cases: readonly Logged[] = [
  { strategy: "resume", options: [], isWhole: true },
  { strategy: "replatform", options: ["--log-opt", "max-size=10m"], isWhole: true },
  { strategy: "resume", options: rotated },
  { strategy: "restore", options: [...rotated, "--log-opt", "compress=true"] },
  { strategy: "restore", options: ["--log-driver", "local"], isWhole: true },
  { strategy: "resume", options: ["--log-driver", "local", ...rotated] },
];

for (const { strategy, options, isWhole } of cases) {
  test(`what was logged before is there, and goes on without a gap, by ${strategy}, with ${options.join(" ") || "Docker's defaults"}`, async () => {
    await start(...options);
    const result = await migrate({ ...where(), strategy });
    assert.equal(result.status, "migrated", JSON.stringify(result));
    if (strategy === "replatform") {
      const here = numbersOf(await docker("logs", name));
      const all = () => numbersThere().then((numbers) => numbers.slice(here.length));
      await eventually("lines of its new start", async () => (await all()).length > 100, 60_000);
      const again = await all();
      assert.deepEqual((await numbersThere()).slice(0, here.length), here);
      assert.deepEqual(
        again,
        again.map((_, index) => index + 1),
      );
    } else {
      const [first] = await assertGoesOn();
      // Of a log that is rotated there is only the newest.
      if (isWhole) assert.equal(first, 1);
    }
    assert.ok(result.status === "migrated");
    assert.equal(await on(machine, listScript), (await execa("sh", ["-c", listScript])).stdout);
  });
}

test("of very long logs the newest lines come along, whole ones, and it is told", async () => {
  await start();
  const filler = `${JSON.stringify({ log: `${"filler ".repeat(70)}\n`, stream: "stdout", time: "2026-01-01T00:00:00.000000001Z" })}\n`;
  const path = await docker("inspect", "--format", "{{.LogPath}}", name);
  await appendFile(path, filler.repeat((150 << 20) / filler.length));
  const result = await migrate(where());
  assert.ok(result.status === "migrated", JSON.stringify(result));
  assert.ok(result.notes.includes("of its logs the newest 100.0 MiB came along"), result.notes.join("; "));
  const there = await on(machine, `docker inspect --format '{{.LogPath}}' ${name}`);
  assert.equal(await on(machine, `head -n 1 ${there}`), filler.trim());
  const size = Number(await on(machine, `stat -c %s ${there}`));
  assert.ok(size > 99 << 20 && size < 101 << 20, String(size));
  await assertGoesOn();
});

test("from another machine, the logs come along, too", async () => {
  await removeAll();
  const image = await ensureImage("python");
  await execa(dockerProgram, ["save", image], { buffer: false }).pipe("ssh", [
    "-F",
    machine.sshConfig,
    machine.name,
    "docker load",
  ]);
  await on(machine, `docker run --detach --name ${name} --stop-timeout 1 ${image} python3 -c '${program}'`);
  await eventually("many lines", async () => numbersOf(await on(machine, `docker logs --tail 1 ${name}`))[0]! > 3000);
  const request = { container: name, source: machine.target, target: "local", sshConfig: machine.sshConfig } as const;
  const result = await migrate({ ...request, strategy: "replatform" });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  const there = await numbersThere();
  assert.deepEqual(numbersOf(await docker("logs", name)).slice(0, there.length), there);
  await clear(machine, name);
  await on(machine, `docker image rm ${image}`);
});

test("a move that fails leaves no logs there", async () => {
  await start();
  const result = await migrate({ ...where(), healthCommand: ["false"] });
  assert.equal(result.status, "rolled-back", JSON.stringify(result));
  const orphans = `cd "$(docker info --format '{{.DockerRootDir}}')/containers"
    for id in *; do [ ! -d "$id" ] || docker inspect "$id" >/dev/null 2>&1 || echo "$id"; done; docker ps --all --quiet --filter name=^${name}$`;
  assert.equal(await on(machine, orphans), "");
});
