import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { execa } from "execa";
import { ensureImage } from "../../lab/images.ts";
import { ensureArm64Machine, ensureX86Machine, type LabMachine } from "../../lab/machines.ts";
import { type RestoreOptions, type RestoreResult, restore, takeCheckpoint } from "../../src/index.ts";
import { cancel, listMoves, recover } from "../../src/migration/index.ts";
import { program } from "../support/cli.ts";
import { docker, publishedPort, removeContainer } from "../support/docker.ts";
import { clear, on, traces } from "../support/machine.ts";
import { fill, info } from "../support/redis.ts";
import { withRedis } from "../support/redis-container.ts";
import { ensureSource } from "../support/surroundings.ts";

const container = "restore-archive";
const other = "restore-archive-2";
const image = "migrate-container/restore-archive:1";
const keys = 500;
const port = 6411;
let folder: string;
/** Holds redis with its image; the container still runs. */
let archive: string;
let runId: string;
const stateHome = process.env.XDG_STATE_HOME;

before(async () => {
  await ensureSource();
  folder = await mkdtemp(join(tmpdir(), "restore-"));
  process.env.XDG_STATE_HOME = join(folder, "state");
  archive = join(folder, "redis.ckpt");
  await makeImage();
  await docker("run", "--detach", "--name", container, "--publish", `${port}:6379`, image);
  runId = await withRedis(await publishedPort(container, 6379), async (client) => {
    await fill(client, keys);
    return await info(client, "run_id");
  });
  await takeCheckpoint({ container, output: archive, withImage: true });
});

afterEach(() => removeContainer(other));

after(async () => {
  if (stateHome === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = stateHome;
  await removeContainer(container);
  await docker("image", "rm", "--force", image);
  await rm(folder, { recursive: true });
});

/** An image that no other test has: redis with one more label. */
async function makeImage(): Promise<void> {
  await removeContainer(container);
  await docker("create", "--name", container, await ensureImage("redis"));
  await docker("commit", "--change", "LABEL restore-archive=1", container, image);
  await removeContainer(container);
}

/** A machine of the lab without the image. */
async function withoutImage(machine: LabMachine): Promise<void> {
  await clear(machine, other);
  await on(machine, `docker image rm --force ${await imageId()} >/dev/null 2>&1; true`);
}

const imageId = () => docker("image", "inspect", "--format", "{{.Id}}", image);

function assertRestored(result: RestoreResult): asserts result is RestoreResult & { status: "restored" } {
  assert.equal(result.status, "restored", "error" in result ? `${result.error.message} ${JSON.stringify(result.error)}` : "");
}

/** What `redis-cli` says in a restored container. */
type Ask = (...words: string[]) => Promise<string>;
const here =
  (name: string): Ask =>
  (...words) =>
    docker("exec", name, "redis-cli", ...words);
const there =
  (machine: LabMachine, name: string): Ask =>
  (...words) =>
    on(machine, `docker exec ${name} redis-cli ${words.join(" ")}`);

async function assertSameRedis(ask: Ask): Promise<void> {
  assert.match(await ask("info", "server"), new RegExp(`run_id:${runId}`));
  assert.equal(Number(await ask("dbsize")), keys);
  assert.match(await ask("get", "key:7"), /^value-7-x{7}$/);
}

/** The original, which no restore may touch. */
async function original(): Promise<string> {
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", container), "running");
  await assertSameRedis(here(container));
  return docker("inspect", "--format", "{{.Id}} {{.State.Pid}} {{.State.StartedAt}}", container);
}

const localContainers = () =>
  docker("ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}}", "--filter", "name=restore-archive");

async function assertNoState(): Promise<void> {
  assert.deepEqual(await listMoves(), []);
  assert.deepEqual(await readdir(join(folder, "state/migrate-container/work")), []);
}

test("restore: beside the running original, under another name; what is not allowed is left out and named", async () => {
  const before = await original();
  const { stdout, stderr, exitCode } = await execa(program, ["restore", archive, "--name", other], { reject: false });
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, new RegExp(`${other} runs on this machine`));
  assert.match(stdout, /asks for PortBindings=6379\/tcp=.*--allow/);
  await assertSameRedis(here(other));
  assert.equal(await docker("port", other), "");
  assert.equal(await original(), before);
  await assertNoState();
});

test("restore: where the name is taken it is refused with the finding, and a dry run changes nothing", async () => {
  const before = await localContainers();
  const refused = await restore({ archive });
  assert.equal(refused.status, "refused");
  assert.ok(refused.report.findings.some(({ rule, severity }) => rule === "target.name" && severity === "blocker"));
  const { stdout, exitCode } = await execa(program, ["restore", archive, "--name", other, "--dry-run"]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /create the container restore-archive-2 there/);
  assert.equal(await localContainers(), before);
});

test("restore: a health command that fails undoes it", async () => {
  const before = [await original(), await localContainers()];
  const result = await restore({ archive, name: other, healthCommand: ["sh", "-c", "exit 3"] });
  assert.equal(result.status, "rolled-back");
  assert.equal(result.error.code, "validation-failed");
  assert.deepEqual(result.remains, []);
  assert.deepEqual([await original(), await localContainers()], before);
  await assertNoState();
});

for (const [point, ends] of [
  ["object work", "rolled-back"],
  ["step package", "rolled-back"],
  ["step validate", "rolled-back"],
  ["committed", "restored"],
  ["step clean", "restored"],
] as const) {
  test(`restore: killed at "${point}", recover ends it and does not touch the original`, async () => {
    const before = [await original(), await localContainers()];
    const task = JSON.stringify({ archive, target: "local", name: other, point });
    const { signal } = await execa(process.execPath, [join(import.meta.dirname, "../support/killed-restore.ts"), task], {
      reject: false,
    });
    assert.equal(signal, "SIGKILL");
    const { stdout: listed } = await execa(program, ["list"], { reject: false });
    assert.match(listed, /from an archive.*interrupted.*may be half made on this machine/);
    // It concerns the original's name too, and changes nothing about it.
    const { stdout, exitCode } = await execa(program, ["recover"], { reject: false });
    assert.equal(exitCode, 0);
    assert.match(stdout, ends === "restored" ? /runs on this machine/ : /nothing of the restore of restore-archive is left/);
    assert.equal((await listMoves({ all: true })).at(-1)?.state, ends);
    assert.equal(await original(), before[0]);
    if (ends === "rolled-back") assert.equal(await localContainers(), before[1]);
    else await assertSameRedis(here(other));
    await assertNoState();
    assert.deepEqual(await recover(), []);
  });
}

test("restore: to a machine that lacks the image, with the archive's", async () => {
  const machine = await ensureX86Machine();
  await withoutImage(machine);
  try {
    const result = await restore({ archive, name: other, target: machine.target, sshConfig: machine.sshConfig });
    assertRestored(result);
    await assertSameRedis(there(machine, other));
    assert.equal(await on(machine, `docker inspect --format '{{.Image}}' ${other}`), await imageId());
    // It is not named there: no name that the machine knows gets another meaning.
    assert.equal(await on(machine, `docker image inspect --format '{{.RepoTags}}' ${await imageId()}`), "[]");
  } finally {
    await withoutImage(machine);
  }
  await assertNoState();
});

test("restore: to ARM64, from an encrypted archive", async () => {
  const machine = await ensureArm64Machine();
  await clear(machine, other);
  const identity = await generateX25519Identity();
  const identityFile = join(folder, "key.txt");
  await writeFile(identityFile, `${identity}\n`, { mode: 0o600 });
  const output = join(folder, "redis.ckpt.age");
  await takeCheckpoint({ container, output, withImage: true, recipients: [await identityToRecipient(identity)] });
  const asked: RestoreOptions = { archive: output, name: other, target: machine.target, sshConfig: machine.sshConfig };
  await assert.rejects(restore(asked), { code: "archive-refused" });
  try {
    const result = await restore({ ...asked, identityFile });
    assertRestored(result);
    assert.equal(result.strategy, "resume");
    await assertSameRedis(there(machine, other));
  } finally {
    await withoutImage(machine);
  }
  await assertNoState();
});

test("restore: another terminal cancels it", async () => {
  const before = await localContainers();
  const cancelling = Promise.withResolvers<Awaited<ReturnType<typeof cancel>>>();
  const result = await restore({
    archive,
    name: other,
    afterStep: async (step) => {
      if (step === "package") cancelling.resolve(cancel((await listMoves())[0]!.id));
      if (step === "package") await setTimeout(500);
    },
  });
  assert.deepEqual([result.status, (await cancelling.promise).state], ["rolled-back", "rolled-back"]);
  assert.equal(await localContainers(), before);
  await assertNoState();
});

test("restore: in the place of the original, with its published port", async () => {
  const output = join(folder, "stopped.ckpt");
  await takeCheckpoint({ container, output, stop: true });
  await removeContainer(container);
  const result = await restore({ archive: output, isAllowed: ({ field }) => field === "PortBindings" });
  assertRestored(result);
  await assertSameRedis(here(container));
  assert.match(await docker("port", container), new RegExp(`:${port}`));
});

test("restore: the image that is nowhere is a named error, and nothing stays", async () => {
  const output = join(folder, "imageless.ckpt");
  await takeCheckpoint({ container, output });
  const machine = await ensureX86Machine();
  await withoutImage(machine);
  const before = await traces(machine);
  const result = await restore({ archive: output, name: other, target: machine.target, sshConfig: machine.sshConfig });
  assert.equal(result.status, "rolled-back");
  assert.equal(result.error.code, "image-not-available");
  assert.match(result.error.remedy ?? "", /--with-image/);
  assert.equal(await traces(machine), before);
});
