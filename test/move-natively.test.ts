import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { check, migrate } from "../src/index.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { clear, on, traces } from "./support/machine.ts";
import { countRight, Incrementer, info } from "./support/redis.ts";
import { startRedis, withRedis } from "./support/redis-container.ts";
import { ensureSource } from "./support/surroundings.ts";

const container = "move-natively-redis";
/** Another lane of the tests has the usual one. */
const hostPort = 6380;
let machine: LabMachine;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  await clear(machine, container);
});

after(async () => {
  await removeContainer(container);
  await clear(machine, container);
});

test("check and a dry run change nothing, and say what would happen", async () => {
  await using redis = await startRedis(container, 100, hostPort);
  const before = await traces(machine);
  const report = await check({ container: redis.name, target: machine.target, sshConfig: machine.sshConfig });
  assert.equal(report.verdicts.resume, "ready", JSON.stringify(report.findings));
  const result = await migrate({ container: redis.name, target: machine.target, sshConfig: machine.sshConfig, dryRun: true });
  assert.equal(result.status, "planned");
  assert.ok(result.status === "planned" && result.plan.some((line) => line.includes(container)));
  assert.equal(await traces(machine), before);
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", redis.name), "running");
});

test("redis moves from x86_64 to x86_64, resumed natively", async () => {
  await using redis = await startRedis(container, 20_000, hostPort);
  await docker("exec", redis.name, "sh", "-c", "echo kept > /data/written; rm /etc/issue; mkdir /data/folder");
  const uptime = await withRedis(redis.published, (client) => info(client, "uptime_in_seconds"));
  const incrementer = await Incrementer.start(redis.published);
  const result = await migrate({
    container: redis.name,
    target: machine.target,
    sshConfig: machine.sshConfig,
    leaveSource: "removed",
    healthCommand: ["redis-cli", "ping"],
  });
  await incrementer.stop();
  assert.equal(result.status, "migrated", JSON.stringify(result));
  await withRedis({ address: machine.address, port: machine.ports[hostPort]! }, async (client) => {
    assert.equal(await countRight(client, 20_000), 20_000);
    const counter = Number(await client.get("counter"));
    assert.ok(counter === incrementer.confirmed || counter === incrementer.confirmed + 1);
    assert.ok(Number(await info(client, "uptime_in_seconds")) >= Number(uptime));
  });
  assert.equal(
    await on(machine, `docker exec ${container} sh -c 'cat /data/written; ls -d /data/folder; ls /etc/issue 2>&1 | tail -c 10'`),
    "kept\n/data/folder\ndirectory",
  );
  assert.equal(await docker("ps", "--all", "--quiet", "--filter", `name=^${container}$`), "");
  // The machine's Docker has its data elsewhere.
  assert.equal(await on(machine, "docker info --format '{{.DockerRootDir}}'; ls -A /var/lib/docker"), "/srv/docker");
});

test("where the image is there, less than 2 MB are sent beyond memory and changed files", async () => {
  for (const compression of ["auto", "none"] as const) {
    await clear(machine, container);
    await using redis = await startRedis(container, 5000, hostPort);
    await docker("exec", redis.name, "sh", "-c", "head -c 3M /dev/urandom >/data/noise");
    await on(machine, `docker image inspect ${await docker("inspect", "--format", "{{.Image}}", redis.name)}`);
    const where = { container: redis.name, target: machine.target, sshConfig: machine.sshConfig };
    const { status, figures, steps } = await migrate({ ...where, transfer: { compression } });
    assert.equal(status, "migrated", JSON.stringify(steps));
    const { bytesSent, memoryBytes, fileBytes } = figures;
    assert.ok(fileBytes > 3 << 20 && fileBytes < (3 << 20) + 200_000, JSON.stringify(figures));
    const beyond = bytesSent - memoryBytes - fileBytes;
    assert.ok(beyond < 2_000_000, JSON.stringify(figures));
    // Uncompressed it is all that is sent.
    if (compression === "none") assert.ok(beyond > 0, JSON.stringify(figures));
  }
});

test("all that Docker does with a moved container works where its runtime knows no time namespaces", async () => {
  await clear(machine, container);
  await using redis = await startRedis(container, 10, hostPort);
  const where = { container: redis.name, target: machine.target, sshConfig: machine.sshConfig };
  const { findings } = await check(where);
  assert.ok(
    findings.some(({ rule }) => rule === "target.clocks-by-unshare"),
    JSON.stringify(findings),
  );
  const result = await migrate({ ...where, leaveSource: "removed" });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  const own = await on(machine, "cat /proc/self/timens_offsets");
  const inside = async () => await on(machine, `docker exec ${container} cat /proc/self/timens_offsets`);
  const pid = await on(machine, `docker inspect --format '{{.State.Pid}}' ${container}`);
  assert.equal(await inside(), await on(machine, `cat /proc/${pid}/timens_offsets`));
  assert.notEqual(await on(machine, `readlink /proc/${pid}/ns/time`), await on(machine, "readlink /proc/self/ns/time"));

  await on(machine, `docker pause ${container} && docker unpause ${container} && docker update --cpu-shares 512 ${container}`);
  assert.equal(await on(machine, `docker exec ${container} redis-cli ping`), "PONG");
  assert.match(await on(machine, `docker top ${container}`), /redis-server/);
  await on(machine, `docker restart ${container}`);
  assert.equal(await inside(), own);
  assert.equal(
    await on(machine, `docker stop ${container} >/dev/null; docker inspect --format '{{.State.Status}}' ${container}`),
    "exited",
  );
});
