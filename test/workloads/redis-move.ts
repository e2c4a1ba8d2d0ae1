import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { ensureArm64Machine, type LabMachine } from "../../lab/machines.ts";
import type { MigrationResult } from "../../src/index.ts";
import { program } from "../support/cli.ts";
import { docker } from "../support/docker.ts";
import { clear, on } from "../support/machine.ts";
import { countRight, Incrementer, info } from "../support/redis.ts";
import { type RedisContainer, startRedis, withRedis } from "../support/redis-container.ts";
import { ensureSource } from "../support/surroundings.ts";

const keys = 100_000;

/**
 * Moves a redis to the ARM64 machine, and looks at all that must have come along.
 * @param name of the container
 * @param target how the machine is reached
 */
export function testRedisMove(name: string, target: (machine: LabMachine) => string): void {
  let machine: LabMachine;
  let redis: RedisContainer;

  before(async () => {
    await ensureSource();
    machine = await ensureArm64Machine();
    await clear(machine, name);
    redis = await startRedis(name, keys);
  });

  after(async () => {
    await redis[Symbol.asyncDispose]();
    await clear(machine, name);
  });

  const there = () => ({ address: machine.address, port: machine.ports[6379]! });

  test("a running redis moves to ARM64 with every key, its counter, its ids and its clock", async () => {
    const before = await withRedis(redis.published, async (client) => ({
      processId: await info(client, "process_id"),
      runId: await info(client, "run_id"),
      uptime: Number(await info(client, "uptime_in_seconds")),
    }));
    const sourcePid = await docker("inspect", "--format", "{{.State.Pid}}", name);
    const threads = await threadsOf(sourcePid);
    const incrementer = await Incrementer.start(redis.published);

    const { stdout, exitCode } = await execa(
      program,
      ["migrate", name, target(machine), "--ssh-config", machine.sshConfig, "--json"],
      { reject: false },
    );
    await incrementer.stop();
    assert.equal(exitCode, 0, stdout);
    const result = JSON.parse(stdout) as MigrationResult;
    assert.equal(result.status, "migrated");
    assert.ok(
      result.figures.downtimeMs > 0 && result.figures.frozenMs > 0 && result.figures.bytesSent > result.figures.memoryBytes / 20,
    );

    assert.equal(await on(machine, "uname -m"), "aarch64");
    await withRedis(there(), async (client) => {
      assert.equal(await countRight(client, keys), keys);
      const counter = Number(await client.get("counter"));
      // One increment may have been carried out whose answer was never read.
      assert.ok(
        counter === incrementer.confirmed || counter === incrementer.confirmed + 1,
        `counter ${counter}, confirmed ${incrementer.confirmed}`,
      );
      assert.ok(incrementer.confirmed > 0);
      assert.equal(await info(client, "process_id"), before.processId);
      assert.equal(await info(client, "run_id"), before.runId);
      const uptime = Number(await info(client, "uptime_in_seconds"));
      assert.ok(uptime >= before.uptime && uptime < before.uptime + 300, `uptime ${before.uptime} before, ${uptime} after`);
    });
    const pid = await on(machine, `docker inspect --format '{{.State.Pid}}' ${name}`);
    const seen = (await on(machine, `cat /proc/${pid}/task/*/status`)).matchAll(/^NSpid:.*?(\d+)$/gm);
    const tids = [...seen].map((match) => Number(match[1]));
    for (const tid of threads) assert.ok(tids.includes(tid), `thread ${tid} among ${tids.join(" ")}`);
  });

  test("the source's container is stopped for good, and its memory is gone from both disks", async () => {
    assert.equal(await docker("inspect", "--format", "{{.State.Running}} {{.HostConfig.RestartPolicy.Name}}", name), "false no");
    assert.equal(await on(machine, "find /var/lib/migrate-container -name 'pages-*'"), "");
  });

  test("the moved program has no capability beyond those it had", async () => {
    const pid = await on(machine, `docker inspect --format '{{.State.Pid}}' ${name}`);
    const lines = await on(machine, `cd /proc/${pid}/task && grep -E '^(Cap|NSpid)' */status`);
    // The emulator's own thread got its id from the first stage, above all of the program (docs/support.md).
    const isProgram = (tid: string | undefined) => Number(tid) < 300;
    const tasks = new Set(
      [...lines.matchAll(/^(\d+)\/status:NSpid:.*?(\d+)$/gm)].filter(([, , tid]) => isProgram(tid)).map(([, task]) => task),
    );
    const sets = [...lines.matchAll(/^(\d+)\/status:(Cap\w+):\s*(\w+)$/gm)]
      .filter(([, task]) => tasks.has(task))
      .map(([, , set, value]) => `${set} ${value}`);
    assert.ok(tasks.size >= 5);
    const zero = "0000000000000000";
    const dockersDefault = "00000000a80425fb";
    const expected = [
      `CapAmb ${zero}`,
      `CapBnd ${dockersDefault}`,
      `CapEff ${dockersDefault}`,
      `CapInh ${zero}`,
      `CapPrm ${dockersDefault}`,
    ];
    assert.deepEqual([...new Set(sets)].toSorted(), expected);
    const write = await on(
      machine,
      `docker exec ${name} sh -c 'echo x 2>/dev/null > /proc/sys/kernel/core_pattern || echo refused'`,
    );
    assert.equal(write, "refused");
  });

  test("Docker manages it there: exec, logs, memory growth", async () => {
    assert.equal(await on(machine, `docker exec ${name} redis-cli ping`), "PONG");
    await withRedis(there(), async (client) => {
      const chunk = "y".repeat(1 << 20);
      for (let index = 0; index < 300; index++) await client.set(`big:${index}`, chunk);
      for (let index = 0; index < 300; index += 37) assert.equal(await client.get(`big:${index}`), chunk);
      assert.ok(Number(await info(client, "used_memory")) > 300 * 2 ** 20);
      assert.equal(await countRight(client, 1000), 1000);
    });
  });

  test("a second move of the container says what is in the way, and leaves the first alone", async () => {
    const { stdout, exitCode } = await execa(
      program,
      ["migrate", name, target(machine), "--ssh-config", machine.sshConfig, "--json"],
      { reject: false },
    );
    assert.equal(exitCode, 3);
    const result = JSON.parse(stdout) as MigrationResult;
    assert.equal(result.status, "refused");
    const rules = result.report.findings.filter(({ severity }) => severity === "blocker").map(({ rule }) => rule);
    assert.ok(rules.includes("container.running"), rules.join(" "));
    await withRedis(there(), async (client) => assert.equal(await countRight(client, keys), keys));
  });

  test("a restart starts the program afresh: the old memory is never resumed twice", async () => {
    await on(machine, `docker restart ${name}`);
    await withRedis(there(), async (client) => {
      assert.equal(await client.get("key:1"), null);
      assert.ok(Number(await info(client, "uptime_in_seconds")) < 60);
    });
    // Longer than a slow machine needs; a program that SIGTERM does not end has another status.
    await on(machine, `docker stop --time 120 ${name}`);
    assert.equal(await on(machine, `docker inspect --format '{{.State.ExitCode}}' ${name}`), "0");
    assert.match(await on(machine, `docker logs ${name} 2>&1`), /Received SIGTERM/);
  });
}

async function threadsOf(pid: string): Promise<number[]> {
  const { stdout } = await execa("sh", ["-c", `cat /proc/${pid}/task/*/status`]);
  return [...stdout.matchAll(/^NSpid:.*?(\d+)$/gm)].map((match) => Number(match[1]));
}
