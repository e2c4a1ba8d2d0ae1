import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { ensureArm64Machine, ensureX86Machine, type LabMachine } from "../../lab/machines.ts";
import { migrate } from "../../src/index.ts";
import { archiveBusyboxImage, makeBusyboxImage } from "../support/busybox-image.ts";
import { docker, removeContainer } from "../support/docker.ts";
import { clear, on, traces } from "../support/machine.ts";
import { countRight, Incrementer, info } from "../support/redis.ts";
import { startRedis, withRedis } from "../support/redis-container.ts";
import { ensureSource } from "../support/surroundings.ts";

const container = "strategies";
let x86: LabMachine;
let image: string;

before(async () => {
  await ensureSource();
  x86 = await ensureX86Machine();
  image = await makeBusyboxImage();
  await clear(x86, container);
});

afterEach(async () => {
  await removeContainer(container);
  await clear(x86, container);
});

after(async () => {
  await on(x86, `docker image rm --force ${image} >/dev/null 2>&1; true`);
});

async function startServer(...options: readonly string[]): Promise<void> {
  await removeContainer(container);
  await docker("run", "--detach", "--name", container, ...options, image);
  await docker(
    "exec",
    container,
    "/busybox",
    "sh",
    "-c",
    "echo kept > /data; /busybox cp /busybox /tool; /busybox mkdir /folder",
  );
}

test("restore: CRIU on the target brings redis back, with its memory, its clients' last increment, its process ids", async () => {
  await using redis = await startRedis(container, 5000, 6398);
  const runId = await withRedis(redis.published, (client) => info(client, "run_id"));
  const incrementer = await Incrementer.start(redis.published);
  const result = await migrate({ container, target: x86.target, sshConfig: x86.sshConfig, strategy: "restore" });
  await incrementer.stop();
  assert.equal(result.status, "migrated", JSON.stringify(result));
  const cli = (...words: string[]) => on(x86, `docker exec ${container} redis-cli ${words.join(" ")}`);
  assert.match(await cli("info", "server"), new RegExp(`run_id:${runId}`));
  assert.equal(Number(await cli("dbsize")), 5001);
  const counter = Number(await cli("get", "counter"));
  assert.ok(counter === incrementer.confirmed || counter === incrementer.confirmed + 1);
  assert.equal(
    await on(x86, `ls /var/lib/migrate-container/resumed /var/lib/migrate-container/pending | grep -c '^[0-9a-f]' || true`),
    "0",
  );
  // A restart is an ordinary start.
  await on(x86, `docker restart ${container}`);
  assert.equal(Number(await cli("dbsize")), 0);
});

test("restore: what CRIU says when it can't is told, and the container goes on here", async () => {
  await using redis = await startRedis(container, 100, 6398);
  const tracesBefore = await traces(x86);
  const result = await migrate({
    ...{ container, target: x86.target, sshConfig: x86.sshConfig, strategy: "restore" },
    afterStep: async (step) => {
      if (step === "apply") await on(x86, "rm /var/lib/migrate-container/pending/*/core-1.img");
    },
  });
  assert.equal(result.status, "rolled-back", JSON.stringify(result));
  assert.equal(result.status === "rolled-back" && result.error.code, "resume-failed");
  assert.match(result.status === "rolled-back" ? result.error.message : "", /Unexpected EOF/);
  assert.equal(await withRedis(redis.published, (client) => countRight(client, 100)), 100);
  assert.equal(await traces(x86), tracesBefore);
});

test("replatform: the program starts anew with its files, between hooks; without its network where it is not wanted", async () => {
  await startServer("--publish", "8098:8080", "--env", "COLOUR=blue");
  const result = await migrate({
    ...{ container, target: x86.target, sshConfig: x86.sshConfig, strategy: "replatform" },
    preserveNetworking: false,
    hookBefore: ["/busybox", "sh", "-c", "echo saved > /saved"],
    hookAfter: ["/busybox", "test", "-e", "/saved"],
  });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  const there = (command: string) => on(x86, `docker exec ${container} /busybox sh -c '${command}'`);
  assert.equal(await there("cat /data /saved /starts"), "kept\nsaved\nstarted\nstarted");
  assert.equal(await there("echo $COLOUR; ls /tool; wget -q -O - http://127.0.0.1:8080/data"), "blue\n/tool\nkept");
  assert.equal(await on(x86, `docker port ${container}`), "");
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", container), "exited");
});

test("replatform: a hook that fails undoes the move", async () => {
  await startServer();
  const tracesBefore = await traces(x86);
  const result = await migrate({
    ...{ container, target: x86.target, sshConfig: x86.sshConfig, strategy: "replatform" },
    hookAfter: ["/busybox", "sh", "-c", "echo no; exit 7"],
  });
  assert.equal(result.status, "rolled-back", JSON.stringify(result));
  assert.ok(result.status === "rolled-back");
  assert.deepEqual([result.error.code, result.error.details.stdout], ["hook-failed", "no\n"]);
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", container), "running");
  assert.equal(await traces(x86), tracesBefore);
});

test("replatform to ARM64: the image's variant comes from an archive, and what is made for x86_64 is named and left out", async () => {
  const arm64 = await ensureArm64Machine();
  await clear(arm64, container);
  await using archive = await archiveBusyboxImage(arm64, "linux/arm64");
  await startServer();
  const request = { container, target: arm64.target, sshConfig: arm64.sshConfig, strategy: "replatform" } as const;
  const tracesBefore = await traces(arm64);
  const none = await migrate(request);
  assert.equal(none.status, "rolled-back", JSON.stringify(none));
  assert.ok(none.status === "rolled-back");
  assert.equal(none.error.code, "image-not-available");
  assert.match(none.error.remedy ?? "", /--image-archive/);
  assert.equal(await traces(arm64), tracesBefore);

  const result = await migrate({ ...request, imageArchive: archive.path });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  assert.deepEqual(result.notes, ["/tool was left out: it is made for another instruction set than aarch64"]);
  const there = (command: string) => on(arm64, `docker exec ${container} /busybox sh -c '${command}'`);
  assert.equal(await there("uname -m; cat /data; ls -d /folder; ls /tool 2>/dev/null || true"), "aarch64\nkept\n/folder");
  const imageThere = await on(arm64, `docker inspect --format '{{.Image}}' ${container}`);
  await clear(arm64, container);
  await on(arm64, `docker image rm --force ${imageThere}`);
});
