import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { execa } from "execa";
import { ensureArm64Machine, ensureX86Machine, type LabMachine } from "../../lab/machines.ts";
import { freePort } from "../../src/host/testing/sshd.ts";
import { type MigrateOptions, MigrationError, type MigrationResult, migrate } from "../../src/index.ts";
import { program } from "../support/cli.ts";
import { docker } from "../support/docker.ts";
import { on, removeEmulator, traces } from "../support/machine.ts";
import { countRight, Incrementer } from "../support/redis.ts";
import { type RedisContainer, startRedis, withRedis } from "../support/redis-container.ts";
import { ensureSource } from "../support/surroundings.ts";

const keys = 20_000;
const name = "move-that-fails";

let x86: LabMachine;
let redis: RedisContainer;
let incrementer: Incrementer;

before(async () => {
  await ensureSource();
  // A new machine, to which nothing was ever moved.
  await (await ensureX86Machine()).stop();
  x86 = await ensureX86Machine();
  redis = await startRedis(name, keys);
});

beforeEach(async () => {
  incrementer = await Incrementer.start(redis.published);
});

/** After every failure: the source runs, nothing of it is lost, and its clients did not even lose their connection. */
afterEach(async () => {
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", name), "running");
  const confirmed = incrementer.confirmed;
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(incrementer.confirmed > confirmed, "the client goes on counting over its old connection");
  await incrementer.stop();
  await withRedis(redis.published, async (client) => {
    assert.equal(await countRight(client, keys), keys);
    const counter = Number(await client.get("counter"));
    assert.ok(counter === incrementer.confirmed || counter === incrementer.confirmed + 1);
  });
});

after(async () => {
  await redis[Symbol.asyncDispose]();
});

/** Tries the move, which must fail and leave the machine as it was. */
async function failOn(
  machine: LabMachine,
  options: Partial<MigrateOptions> = {},
): Promise<MigrationResult & { readonly error: MigrationError }> {
  const before = await traces(machine);
  const result = await migrate({ container: name, target: machine.target, sshConfig: machine.sshConfig, ...options });
  assert.equal(await traces(machine), before, "nothing is left on the target");
  assert.ok(result.status === "refused" || result.status === "rolled-back", result.status);
  if (result.status === "rolled-back") assert.deepEqual(result.remains, []);
  assert.ok(result.error.remedy !== undefined && result.error.remedy.length > 10);
  return result;
}

test("a target that can't be reached", async () => {
  const port = await freePort();
  await assert.rejects(migrate({ container: name, target: `ssh://root@127.0.0.1:${port}` }), (error: unknown) => {
    assert.ok(error instanceof MigrationError);
    assert.equal(error.code, "target-unreachable");
    assert.match(error.message, /refused/i);
    assert.equal(error.host, `ssh://root@127.0.0.1:${port}`);
    assert.ok(error.remedy !== undefined);
    return true;
  });
});

test("a target without an emulator", async () => {
  const arm64 = await ensureArm64Machine();
  await using _ = await removeEmulator(arm64);
  const { error, status } = await failOn(arm64);
  assert.equal(status, "refused");
  assert.equal(error.code, "incompatible");
  assert.match(error.message, /emulator|binfmt/);
  assert.match(error.remedy ?? "", /qemu-user/);
});

test("a target whose disk is full before the move", async () => {
  await on(x86, "mkdir -p /var/lib/migrate-container && mount -t tmpfs -o size=1m tmpfs /var/lib/migrate-container");
  try {
    const { error, status } = await failOn(x86);
    assert.equal(status, "refused");
    assert.match(error.message, /MiB are free at \/var\/lib\/migrate-container/);
  } finally {
    await on(x86, "umount /var/lib/migrate-container");
  }
});

test("a target whose disk fills up during the move", async () => {
  await on(x86, "mkdir -p /var/lib/migrate-container && mount -t tmpfs -o size=256m tmpfs /var/lib/migrate-container");
  try {
    const { error, status } = await failOn(x86, {
      afterStep: async (step) => {
        if (step === "freeze") await on(x86, "head -c 300m /dev/zero > /var/lib/migrate-container/other 2>/dev/null; true");
        if (step === "package") await on(x86, "test -s /var/lib/migrate-container/other");
      },
      onEvent: (event) => {
        if (event.type === "rollback-started") void on(x86, "rm -f /var/lib/migrate-container/other");
      },
    });
    assert.equal(status, "rolled-back");
    assert.equal(error.code, "no-space");
    assert.equal(error.host, x86.target);
  } finally {
    await on(x86, "umount /var/lib/migrate-container");
  }
});

test("a package that is corrupted on its way", async () => {
  const { error, status } = await failOn(x86, {
    afterStep: async (step) => {
      if (step !== "send") return;
      await on(
        x86,
        "f=$(ls /var/lib/migrate-container/incoming/*/pages-*.img) && printf X | dd of=$f bs=1 seek=12345 conv=notrunc status=none",
      );
    },
  });
  assert.equal(status, "rolled-back");
  assert.equal(error.code, "package-corrupt");
  assert.match(error.message, /pages-\d+\.img differs/);
});

test("a validation that fails", async () => {
  const { error, status } = await failOn(x86, { healthCommand: ["sh", "-c", "echo not well >&2; exit 3"] });
  assert.equal(status, "rolled-back");
  assert.equal(error.code, "validation-failed");
  assert.match(error.message, /status 3/);
});

test("read-only memory that is not as it was dumped", async () => {
  let run: { readonly address: string } | undefined;
  const { error, status } = await failOn(x86, {
    afterEntry: (entry) => {
      if (entry.kind === "expected") run = entry.expectation.memory[0]?.runs[0];
    },
    afterStep: async (step) => {
      if (step !== "start") return;
      // The kernel lets root write there all the same.
      const script = `pid=$(docker inspect --format '{{.State.Pid}}' ${name}) && printf XXXX | dd of=/proc/$pid/mem bs=1 seek=$((0x${run!.address})) conv=notrunc status=none`;
      await on(x86, script);
    },
  });
  assert.equal(status, "rolled-back");
  assert.equal(error.code, "validation-failed");
  assert.match(error.message, /the read-only memory of process 1 is not as it was dumped/);
});

test("SIGINT during the transfer", async () => {
  const before = await traces(x86);
  const child = execa(program, ["migrate", name, x86.target, "--ssh-config", x86.sshConfig, "--json"], { reject: false });
  child.stderr.on("data", (text: Buffer) => {
    if (text.toString().includes('"send"')) child.kill("SIGINT");
  });
  const { exitCode, stdout, stderr } = await child;
  assert.equal(exitCode, 130, stdout + stderr);
  const result = JSON.parse(stdout) as MigrationResult;
  assert.equal(result.status, "rolled-back");
  assert.equal(result.status === "rolled-back" && result.error.code, "cancelled");
  assert.equal(await traces(x86), before);
});
