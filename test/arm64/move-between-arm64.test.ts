import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureImageOn } from "../../lab/images.ts";
import { ensureArm64Machine, type LabMachine } from "../../lab/machines.ts";
import { quoteCommand } from "../../src/host/quote.ts";
import { check, migrate } from "../../src/index.ts";
import { eventually } from "../../src/resume/testing/eventually.ts";
import { ownAdbServer } from "../support/adb-server.ts";
import { runCriuSetup } from "../support/criu-setup.ts";
import { clear, on } from "../support/machine.ts";
import { ensureSource } from "../support/surroundings.ts";

// The lab has one ARM64 machine: the container comes from it over SSH, by way of this one, and goes back to it over ADB and the other way, under other names.
const container = "between-arm64";
const restored = "between-arm64-restored";
const resumed = "between-arm64-resumed";
const keys = "20000";
const digest = "local sum = '' for i = 1, ARGV[1] do sum = redis.sha1hex(sum .. redis.call('GET', 'key:' .. i)) end return sum";
const patienceMs = 180_000;

let server: AsyncDisposable;
let machine: LabMachine;
let sum: string;
let runId: string | undefined;

before(async () => {
  server = await ownAdbServer();
  await ensureSource();
  machine = await ensureArm64Machine();
  await removeAll();
  const { exitCode, stdout, stderr } = await runCriuSetup(machine, "--yes");
  assert.equal(exitCode, 0, stdout + stderr);
});

after(async () => {
  await removeAll();
  await on(machine, "rm -rf /var/lib/migrate-container");
  await server[Symbol.asyncDispose]();
});

async function removeAll(): Promise<void> {
  await clear(machine, container);
  await clear(machine, restored);
  await clear(machine, resumed);
}

function redis(where: string, ...words: readonly string[]): Promise<string> {
  return on(machine, quoteCommand(["docker", "exec", where, "redis-cli", ...words]));
}

test("ARM64 to ARM64, by CRIU: redis goes on in a cgroup of its own", async () => {
  const fill = "for i = 1, ARGV[1] do redis.call('SET', 'key:' .. i, redis.sha1hex(i) .. string.rep('x', i % 97)) end";
  const tag = await ensureImageOn(machine, "redis-arm64");
  await on(machine, `docker run --detach --name ${container} ${tag}`);
  await eventually("an answer", async () => (await redis(container, "PING")) === "PONG", patienceMs);
  await redis(container, "EVAL", fill, "0", keys);
  sum = await redis(container, "EVAL", digest, "0", keys);
  assert.match(sum, /^[0-9a-f]{40}$/);
  runId = /^run_id:\w+/m.exec(await redis(container, "INFO", "server"))?.[0];
  assert.ok(runId);

  const { target, adb, sshConfig } = machine;
  const result = await migrate({ container, source: adb, target, name: restored, strategy: "restore", sshConfig });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  assert.equal(await redis(restored, "EVAL", digest, "0", keys), sum);
  const id = await on(machine, `docker inspect --format '{{.Id}}' ${restored}`);
  const pid = await on(machine, `docker inspect --format '{{.State.Pid}}' ${restored}`);
  // Of version 2; it sees itself at the root.
  assert.equal(await on(machine, `cat /proc/${pid}/cgroup`), `0::/docker/${id}`);
  assert.equal(await on(machine, `docker exec ${restored} cat /proc/1/cgroup`), "0::/");
});

test("ARM64 to ARM64, over SSH and ADB: redis goes on natively, with all its memory", async () => {
  const { target, adb, sshConfig } = machine;
  const result = await migrate({ container: restored, source: target, target: adb, name: resumed, sshConfig });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  assert.equal(result.strategy, "resume");
  assert.equal(result.source, target);

  assert.equal(await on(machine, `docker inspect --format '{{.State.Running}}' ${restored}`), "false");
  assert.equal(await redis(resumed, "EVAL", digest, "0", keys), sum);
  assert.equal(await redis(resumed, "SET", "new", "value"), "OK");
  assert.equal(await redis(resumed, "DBSIZE"), String(Number(keys) + 1));
  const info = await redis(resumed, "INFO", "server");
  assert.match(info, new RegExp(`^${runId}`, "m"));
  assert.match(info, /^process_id:1\r?$/m);
  // Natively: the program itself is what runs, and no emulator.
  const pid = await on(machine, `docker inspect --format '{{.State.Pid}}' ${resumed}`);
  assert.doesNotMatch(await on(machine, `readlink /proc/${pid}/exe`), /qemu/);
  const left = "find /var/lib/migrate-container/dumps -mindepth 1; find /var/lib/migrate-container -name 'pages-*'";
  assert.equal(await on(machine, left), "");
  // What resumed it is not among what CRIU knows of a container.
  const { verdicts, findings } = await check({ container: resumed, source: target, target: adb, name: "other", sshConfig });
  assert.deepEqual([verdicts.resume, verdicts.restore], ["ready", "blocked"], JSON.stringify(findings));
});
