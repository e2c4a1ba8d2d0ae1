import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ensureImage } from "../lab/images.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { check, migrate } from "../src/index.ts";
import { docker, publishedPort, removeContainer } from "./support/docker.ts";
import { clear, on, traces } from "./support/machine.ts";
import { pythonService, readService } from "./support/python-service.ts";
import { countRight, Incrementer, info } from "./support/redis.ts";
import { startRedis, withRedis } from "./support/redis-container.ts";
import { ensureSource } from "./support/surroundings.ts";

const names = { redis: "move-natively-redis", python: "move-natively-python" };
let machine: LabMachine;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  for (const name of Object.values(names)) await clear(machine, name);
});

after(async () => {
  for (const name of Object.values(names)) {
    await removeContainer(name);
    await clear(machine, name);
  }
});

test("check and a dry run change nothing, and say what would happen", async () => {
  await using redis = await startRedis(names.redis, 100);
  const before = await traces(machine);
  const report = await check({ container: redis.name, target: machine.target, sshConfig: machine.sshConfig });
  assert.equal(report.verdicts.resume, "ready", JSON.stringify(report.findings));
  const result = await migrate({ container: redis.name, target: machine.target, sshConfig: machine.sshConfig, dryRun: true });
  assert.equal(result.status, "planned");
  assert.ok(result.status === "planned" && result.plan.some((line) => line.includes(names.redis)));
  assert.equal(await traces(machine), before);
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", redis.name), "running");
});

test("redis moves from x86_64 to x86_64, resumed natively", async () => {
  await using redis = await startRedis(names.redis, 20_000);
  await docker("exec", redis.name, "sh", "-c", "echo kept > /data/written; rm /etc/issue; mkdir /data/folder");
  const uptime = await withRedis(redis.published, (client) => info(client, "uptime_in_seconds"));
  const incrementer = await Incrementer.start(redis.published);
  const result = await migrate({
    container: redis.name,
    target: machine.target,
    sshConfig: machine.sshConfig,
    leaveSource: "removed",
  });
  await incrementer.stop();
  assert.equal(result.status, "migrated", JSON.stringify(result));
  await withRedis({ address: machine.address, port: machine.ports[6379]! }, async (client) => {
    assert.equal(await countRight(client, 20_000), 20_000);
    const counter = Number(await client.get("counter"));
    assert.ok(counter === incrementer.confirmed || counter === incrementer.confirmed + 1);
    assert.ok(Number(await info(client, "uptime_in_seconds")) >= Number(uptime));
  });
  assert.equal(
    await on(
      machine,
      `docker exec ${names.redis} sh -c 'cat /data/written; ls -d /data/folder; ls /etc/issue 2>&1 | tail -c 10'`,
    ),
    "kept\n/data/folder\ndirectory",
  );
  assert.equal(await docker("ps", "--all", "--quiet", "--filter", `name=^${names.redis}$`), "");
});

test("a python3 program with threads goes on where it was", async () => {
  const image = await ensureImage("python");
  await removeContainer(names.python);
  await docker("run", "--detach", "--name", names.python, "--publish", "8080:8080", image, "python3", "-c", pythonService);
  const before = await readService(await publishedPort(names.python, 8080));
  const result = await migrate({
    container: names.python,
    target: machine.target,
    sshConfig: machine.sshConfig,
    healthCommand: ["python3", "-c", "pass"],
  });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  const there = { address: machine.address, port: machine.ports[8080]! };
  const first = await readService(there);
  await setTimeout(500);
  const second = await readService(there);
  assert.equal(first.checksum, before.checksum);
  assert.equal(first.started, before.started);
  assert.deepEqual(first.threads, before.threads);
  assert.ok(first.ticks >= before.ticks, `${before.ticks} ticks before, ${first.ticks} after`);
  assert.ok(second.ticks > first.ticks, "the ticking thread goes on");
  assert.ok(first.monotonic >= before.monotonic);
  const lines = (await on(machine, `docker logs ${names.python}`)).split("\n").map(Number);
  assert.deepEqual(
    lines,
    Array.from(lines, (_, index) => lines[0]! + index),
    "the output goes on without a gap",
  );
});
