import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { criuForTests } from "../../criu/testing/criu.ts";
import { loadImage } from "../../engine/docker/image-load.ts";
import { startPrivateDockerd } from "../../engine/docker/testing/private-dockerd.ts";
import { openSandbox, type Sandbox } from "../../engine/docker/testing/sandbox.ts";
import { type ErrorCode, MigrationError } from "../../errors.ts";
import { cancel, listMoves, recover } from "../../migration/index.ts";
import { compileResume } from "../../resume/compile.ts";
import { qemuUser } from "../../resume/emulators/qemu-user.ts";
import { emulatedTarget } from "../../resume/target.ts";
import { eventually } from "../../resume/testing/eventually.ts";
import { openArchive } from "../archive/open-archive.ts";
import { counting } from "../testing/real-archive.ts";
import type { CheckpointEvent } from "./events.ts";
import { type TakeCheckpointOptions, takeCheckpoint } from "./take-checkpoint.ts";

const killedTaker = join(import.meta.dirname, "../testing/killed-taker.ts");
let sandbox: Sandbox;
let folder: string;
const stateHome = process.env.XDG_STATE_HOME;
before(async () => {
  await criuForTests();
  sandbox = await openSandbox();
  folder = await mkdtemp(join(tmpdir(), "take-"));
  process.env.XDG_STATE_HOME = join(folder, "state");
});
after(async () => {
  if (stateHome === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = stateHome;
  await sandbox?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

let last: string | undefined;

/** Runs a container in the place of the one before. @returns its id */
async function run(command: readonly string[], more: Parameters<Sandbox["run"]>[1] = {}): Promise<string> {
  if (last !== undefined) await sandbox.engine.remove(last, true, true);
  last = await sandbox.run(command, more);
  const id = last;
  await eventually("it counts", async () => (await sandbox.engine.logs(id, 10)).includes("2"));
  return id;
}

async function numbers(id: string): Promise<number[]> {
  return (await sandbox.engine.logs(id, 100_000)).trim().split("\n").map(Number);
}

/** It runs, and has counted without a gap. */
async function assertGoesOn(id: string): Promise<void> {
  const { State: state } = await sandbox.engine.inspect(id);
  assert.deepEqual([state.Running, state.Paused], [true, false]);
  const before = (await numbers(id)).length;
  await eventually("it counts on", async () => (await numbers(id)).length > before + 3);
  const all = await numbers(id);
  assert.deepEqual(
    all,
    all.map((_, index) => index + 1),
  );
}

/** No temporary file beside the archive, none in the state folder. */
async function assertNothingLeft(directory: string, expected: readonly string[]): Promise<void> {
  assert.deepEqual(await readdir(directory), expected);
  assert.deepEqual(await readdir(join(folder, "state/migrate-container/work")).catch(() => []), []);
}

async function output(name: string): Promise<string> {
  await mkdir(join(folder, name));
  return join(folder, name, "web.ckpt");
}

test("take: the container is in the archive and goes on", async () => {
  const id = await run(counting, { HostConfig: { Binds: ["/tmp:/mnt:ro"], CapAdd: ["SYS_TIME"] } });
  const path = await output("plain");
  const events: CheckpointEvent[] = [];
  const taken = await takeCheckpoint({ container: id, output: path, onEvent: (event) => events.push(event) });
  await assertGoesOn(id);
  await assertNothingLeft(join(folder, "plain"), ["web.ckpt"]);
  const stats = await stat(path);
  assert.equal(stats.mode & 0o777, 0o600);
  assert.deepEqual([taken.success, taken.checkpointPath, taken.sizes.archive], [true, path, stats.size]);
  assert.equal(taken.containerState, "running");
  assert.ok(taken.processes >= 2 && taken.frozenMs > 0 && taken.frozenMs < taken.totalMs);
  assert.ok(taken.sizes.memory > 0 && taken.sizes.executables > 0 && taken.sizes.image === 0);
  assert.deepEqual(taken.notes, ["the content of /mnt is not in the archive: it is a bind"]);
  const steps = events.filter(({ type }) => type === "step-finished").map(({ step }) => step);
  assert.deepEqual(steps, ["freeze", "dump", "copy", "thaw", "write"]);
  assert.ok(events.some(({ type }) => type === "bytes"));
  assert.deepEqual(
    events.map(({ atMs }) => atMs),
    events.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
  );

  await using archive = await openArchive(path);
  assert.ok(archive.format === "migrate-container");
  assert.equal(archive.manifest.container.id, id);
  assert.equal(archive.manifest.image.id, sandbox.imageId);
  assert.equal(archive.record.Id, id);
  const asked = archive.hostRequests.map(({ field, value }) => `${field} ${value}`);
  assert.ok(asked.includes("Binds /tmp:/mnt:ro") && asked.some((text) => /^CapAdd (CAP_)?SYS_TIME$/.test(text)), asked.join());
  assert.equal(archive.imagePart(sandbox.imageId), undefined);
});

test("take: an archive is all that the compiler needs", async () => {
  const id = await run(counting);
  const path = await output("compile");
  await takeCheckpoint({ container: id, output: path, compression: "none" });
  await using archive = await openArchive(path);
  assert.ok(archive.format === "migrate-container");
  using images = await openCheckpoint(archive.imagesDirectory);
  const read: string[] = [];
  const readFile = (name: string) => {
    const content = archive.readFile(name);
    read.push(`${name} ${content === undefined ? "missing" : "there"}`);
    return content;
  };
  const compiled = compileResume({ images, engineStdio: [], readFile, target: emulatedTarget(qemuUser(undefined)) });
  assert.ok(compiled.processes.length >= 2);
  assert.deepEqual(read, ["/bin/busybox there"]);
  assert.equal(archive.readFile("/etc/passwd"), undefined);
  assert.equal(archive.readFile("../../../bin/busybox"), undefined);
});

test("take: with --stop it is stopped where it was, with --with-image the image is in the archive", async () => {
  const id = await run(counting);
  const path = await output("stop");
  const taken = await takeCheckpoint({ container: id, output: path, stop: true, withImage: true });
  assert.equal(taken.containerState, "stopped");
  const { State: state } = await sandbox.engine.inspect(id);
  assert.deepEqual([state.Running, state.Paused], [false, false]);
  await assertNothingLeft(join(folder, "stop"), ["web.ckpt"]);
  await using archive = await openArchive(path);
  assert.ok(archive.format === "migrate-container");
  for (const digest of [archive.manifest.image.id, ...archive.manifest.image.layers]) {
    assert.ok((await stat(archive.imagePart(digest) ?? "")).size > 0, digest);
  }
  // A Docker that never saw the image takes it from the archive.
  await using other = await startPrivateDockerd();
  const { id: imageId, layers: diffIds } = archive.manifest.image;
  const file = (digest: string) => archive.imagePart(digest)!;
  await loadImage(other.engine, { imageId, diffIds, sent: new Set(diffIds), names: [], file }, {});
  assert.equal(await other.engine.hasImage(imageId), true);
});

for (const [point, stop, ends] of [
  ["object work", false, "rolled-back"],
  ["step dump", false, "rolled-back"],
  ["step copy", true, "rolled-back"],
  ["object file", false, "rolled-back"],
  ["undone file", true, "rolled-back"],
  ["committed", false, "taken"],
  ["step stop", true, "taken"],
] as const) {
  test(`take: killed at "${point}"${stop ? " with --stop" : ""}, recover ends it, and nothing but a whole archive is left`, async () => {
    const id = await run(counting);
    const name = `killed-${point.replace(" ", "-")}`;
    const path = await output(name);
    const { signal } = await execa(
      process.execPath,
      [killedTaker, JSON.stringify({ container: id, output: path, stop, point })],
      { reject: false },
    );
    assert.equal(signal, "SIGKILL");
    const [interrupted] = await listMoves();
    assert.deepEqual([interrupted?.operation, interrupted?.state, interrupted?.archive], ["checkpoint", "interrupted", path]);
    await assert.rejects(takeCheckpoint({ container: id, output: `${path}.2` }), { code: "unfinished-move" });
    const [recovered] = await recover([id]);
    assert.deepEqual([recovered?.status, recovered?.remains], [ends, []]);
    const isStopped = stop && ends === "taken";
    assert.equal(recovered?.running, !isStopped);
    if (isStopped) assert.equal((await sandbox.engine.inspect(id)).State.Running, false);
    else await assertGoesOn(id);
    const isWhole = ["undone file", "committed", "step stop"].includes(point);
    await assertNothingLeft(join(folder, name), isWhole ? ["web.ckpt"] : []);
    if (isWhole) await (await openArchive(path))[Symbol.asyncDispose]();
    assert.deepEqual(await listMoves(), []);
    assert.equal((await listMoves({ all: true })).at(-1)?.state, ends);
  });
}

test("take: another terminal cancels it", async () => {
  const id = await run(counting);
  const path = await output("other");
  const cancelling = Promise.withResolvers<Awaited<ReturnType<typeof cancel>>>();
  const taking = takeCheckpoint({
    container: id,
    output: path,
    onEvent: ({ type, step }) => type === "step-started" && step === "copy" && cancelling.resolve(cancel(id)),
  });
  await assert.rejects(taking, { code: "cancelled", message: /another terminal/ });
  assert.deepEqual([(await cancelling.promise).state, (await cancelling.promise).error?.code], ["rolled-back", "cancelled"]);
  await assertGoesOn(id);
  await assertNothingLeft(join(folder, "other"), []);
});

test("take: a container that was frozen before stays so", async () => {
  const id = await run(counting);
  await sandbox.engine.freeze(id);
  const taken = await takeCheckpoint({ container: id, output: await output("frozen") });
  assert.equal(taken.containerState, "frozen");
  assert.equal((await sandbox.engine.inspect(id)).State.Paused, true);
  await sandbox.engine.thaw(id);
  await assertGoesOn(id);
});

for (const step of ["freeze", "dump", "copy", "thaw", "write"] as const) {
  for (const stop of [false, true]) {
    // With --stop there is no thaw.
    if (stop && step === "thaw") continue;
    test(`take: cancelled in the step ${step}${stop ? " with --stop" : ""}, the container goes on, and nothing stays`, async () => {
      const id = await run(counting);
      const name = `cancel-${step}-${stop}`;
      const controller = new AbortController();
      const options = { container: id, output: await output(name), stop, signal: controller.signal };
      const cancelled = takeCheckpoint({
        ...options,
        onEvent: (event) => {
          if (event.type === "step-started" && event.step === step)
            controller.abort(new MigrationError("cancelled", "by a test"));
        },
      });
      await assert.rejects(cancelled, { code: "cancelled" });
      await assertGoesOn(id);
      await assertNothingLeft(join(folder, name), []);
    });
  }
}

test("take: when the processes can't be dumped, the container goes on, and nothing stays", async () => {
  // CRIU dumps no pid namespaces within the container's.
  const id = await run(["sh", "-c", `unshare -p -f sleep 1000 & ${counting[2]}`], { HostConfig: { CapAdd: ["SYS_ADMIN"] } });
  await assert.rejects(takeCheckpoint({ container: id, output: await output("undumpable") }), { code: "dump-failed" });
  await assertGoesOn(id);
  await assertNothingLeft(join(folder, "undumpable"), []);
});

test("take: files that no archive may hold are named, the container goes on, and nothing stays", async () => {
  const id = await run(["sh", "-c", `mknod /disk b 8 0; ${counting[2]}`]);
  await assert.rejects(takeCheckpoint({ container: id, output: await output("device") }), {
    code: "cannot-carry",
    message: /\/disk/,
  });
  await assertGoesOn(id);
  await assertNothingLeft(join(folder, "device"), []);
});

const refused: readonly (readonly [string, ErrorCode, Partial<TakeCheckpointOptions>])[] = [
  ["a container that isn't there", "container-not-found", { container: "take-no-such-container" }],
  ["a folder that isn't there", "usage", { output: "/nowhere/at/all/web.ckpt" }],
  ["a recipient that is none", "usage", { recipients: ["age1nonsense"] }],
  ["an identity as recipient", "usage", { recipients: ["AGE-SECRET-KEY-1"] }],
];
for (const [what, code, options] of refused) {
  test(`take: ${what} is refused at once`, async () => {
    const id = await run(counting);
    await assert.rejects(takeCheckpoint({ container: id, output: join(folder, "never"), ...options }), { code });
    await assertGoesOn(id);
  });
}

test("take: what is there already is left as it is; a stopped container has no state", async () => {
  const path = join(folder, "there");
  await writeFile(path, "mine");
  const id = await run(counting);
  await assert.rejects(takeCheckpoint({ container: id, output: path }), { code: "usage", message: /there already/ });
  assert.equal((await stat(path)).size, 4);
  await sandbox.engine.stopForGood(id);
  await assert.rejects(takeCheckpoint({ container: id, output: join(folder, "never") }), { code: "container-not-running" });
});

test("take: two at once on one container: the second is refused", async () => {
  const id = await run(counting);
  const { promise: frozen, resolve } = Promise.withResolvers<void>();
  const first = takeCheckpoint({
    container: id,
    output: await output("first"),
    onEvent: ({ step }) => step === "dump" && resolve(),
  });
  await frozen;
  await assert.rejects(takeCheckpoint({ container: id, output: await output("second") }), { code: "already-migrating" });
  await first;
  await assertGoesOn(id);
});
