import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import type { CheckpointEvent } from "../checkpoint/take/events.ts";
import { counting } from "../checkpoint/testing/real-archive.ts";
import { criuForTests } from "../criu/testing/criu.ts";
import { openSandbox, type Sandbox } from "../engine/docker/testing/sandbox.ts";
import { startSshd, type TestSshd } from "../host/testing/sshd.ts";
import { CheckpointManager } from "./checkpoint-manager.ts";
import { CriuManager } from "./criu-manager.ts";

let folder: string;
let sandbox: Sandbox;
let sshd: TestSshd;
let container: string;
let criu: CriuManager;
/** An archive, and its name. */
let archive: string;
let name: string;
const manager = new CheckpointManager();

before(async () => {
  await criuForTests();
  folder = await mkdtemp(join(tmpdir(), "checkpoint-manager-"));
  sandbox = await openSandbox();
  sshd = await startSshd();
  container = await sandbox.run(counting);
  criu = new CriuManager({ checkpoint_dir: join(folder, "checkpoints") });
  assert.deepEqual(await criu.listCheckpoints(), { success: true, directory: join(folder, "checkpoints"), checkpoints: [] });
  const seen: string[] = [];
  criu.on("step-finished", ({ step }) => seen.push(step));
  const created = await criu.createCheckpoint(container);
  assert.ok(created.success, created.success ? "" : created.error.message);
  assert.deepEqual(seen, ["freeze", "dump", "copy", "thaw", "write"]);
  assert.equal(created.containerState, "running");
  archive = created.checkpointPath;
  name = archive.split("/").at(-1) ?? "";
});
after(async () => {
  await sshd?.[Symbol.asyncDispose]();
  await sandbox?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const sha256 = async (path: string) => (await execa("sha256sum", [path])).stdout.slice(0, 64);

test("library: a container's checkpoint is validated, sent to another machine and unpacked there", async () => {
  const inspection = await manager.validate(archive);
  assert.ok(inspection.success);
  assert.deepEqual([inspection.format, inspection.container?.id], ["migrate-container", container]);
  assert.ok(inspection.totals.processes >= 2 && inspection.totals.memory > 0);

  const there = join(folder, "there/made");
  const events: CheckpointEvent[] = [];
  const watched = new CheckpointManager();
  watched.on("event", (event) => events.push(event));
  const sent = await watched.transfer(archive, { target: sshd.target, directory: there, sshConfig: sshd.configFile });
  assert.ok(sent.success, sent.success ? "" : sent.error.message);
  const { size } = await stat(archive);
  assert.deepEqual(
    { ...sent },
    {
      ...{ success: true, target: sshd.target, path: join(there, name), bytes: size, sha256: await sha256(archive) },
    },
  );
  assert.deepEqual(await readdir(there), [name]);
  assert.equal((await stat(sent.path)).mode & 0o777, 0o600);
  assert.equal(await sha256(sent.path), sent.sha256);
  const bytes = events.filter((event) => event.type === "bytes");
  assert.deepEqual([bytes.at(-1)?.bytes, bytes.at(-1)?.totalBytes], [size, size]);
  const finished = events.filter(({ type }) => type === "step-finished").map((event) => "step" in event && event.step);
  assert.deepEqual(finished, ["send", "verify"]);

  const directory = join(folder, "unpacked");
  const unpacked = await manager.unpack(sent.path, directory);
  assert.ok(unpacked.success, unpacked.success ? "" : unpacked.error.message);
  assert.deepEqual([unpacked.directory, unpacked.imagesDirectory], [directory, join(directory, "images")]);
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
  for (const { path, size: bytesOf, sha256: sum } of unpacked.members) {
    assert.equal(await sha256(join(directory, path)), sum, path);
    assert.equal((await stat(join(directory, path))).size, bytesOf, path);
  }
  const images = await manager.validate(unpacked.imagesDirectory);
  assert.ok(images.success && images.format === "folder" && images.totals.processes === inspection.totals.processes);
});

test("library: what is unpacked is packaged again, compressed and encrypted in another way", async () => {
  const [directory, again, identity] = [join(folder, "to-package"), join(folder, "again.tar.gz.age"), join(folder, "identity")];
  assert.equal((await manager.unpack(archive, directory)).success, true);
  await execa("age-keygen", ["--output", identity]);
  const recipient = (await execa("age-keygen", ["-y", identity])).stdout.trim();
  const packaged = await manager.package(directory, again, { compression: "gzip", recipients: [recipient] });
  assert.ok(packaged.success, packaged.success ? "" : packaged.error.message);
  assert.equal(packaged.sizes.archive, (await stat(again)).size);
  const without = await manager.validate(again);
  assert.ok(!without.success && without.error.details.reason === "identity-missing");
  const inspection = await manager.validate(again, { identityFile: identity });
  assert.ok(inspection.success && inspection.archive?.compression === "gzip" && inspection.archive.encrypted);

  // Another file in its place, a link to one, none at all: nothing is written.
  const upper = join(directory, "upper.tar");
  const content = await readFile(upper);
  const spoilt: readonly (readonly [reason: string, spoil: () => Promise<unknown>])[] = [
    ["wrong-sum", () => writeFile(upper, Buffer.alloc(content.length))],
    ["wrong-size", () => writeFile(upper, "")],
    ["member-type", () => rm(upper).then(() => symlink("/etc/passwd", upper))],
    ["missing-member", () => rm(upper)],
  ];
  for (const [reason, spoil] of spoilt) {
    await spoil();
    const outcome = await manager.package(directory, join(folder, "spoilt.tar"));
    assert.ok(!outcome.success && outcome.error.details.reason === reason, reason);
  }
  const images = await manager.package(join(directory, "images"), join(folder, "spoilt.tar"));
  assert.ok(!images.success && images.error.code === "usage");
  assert.ok(!(await readdir(folder)).some((each) => each.includes("spoilt")));
});

test("library: checkpoints are listed by their manifests, with what can't be read", async () => {
  const directory = join(folder, "listed");
  await mkdir(directory);
  const listed = new CriuManager({ checkpoint_dir: directory });
  await cp(archive, join(directory, "sound.tar.zst"));
  await truncate(join(directory, "sound.tar.zst"), Math.ceil((await stat(archive)).size * 0.9));
  await writeFile(join(directory, "readme"), "something else");
  await writeFile(join(directory, ".hidden.partial"), "");
  await mkdir(join(directory, "folder"));
  const list = await listed.listCheckpoints();
  assert.ok(list.success);
  const [first, second, ...more] = list.checkpoints;
  assert.deepEqual(more, []);
  // Only the manifest is read: that its end is missing is for `validate` to say.
  assert.ok(first?.readable === true && first.containerId === container && first.sizes.memory > 0);
  assert.match(first.created, /^20\d\d-.*Z$/);
  assert.ok(second?.readable === false && second.error.details.reason === "not-an-archive");
  const unsound = await manager.validate(first.path);
  assert.ok(!unsound.success && unsound.error.code === "archive-refused");

  const without = await new CriuManager({}).listCheckpoints();
  assert.ok(!without.success && without.error.code === "usage");
  const uncreated = await new CriuManager({}).createCheckpoint(container);
  assert.ok(!uncreated.success && uncreated.error.code === "usage");
  const missing = await criu.createCheckpoint("no-such-container");
  assert.ok(!missing.success && missing.error.code === "container-not-found");
});

test("library: nothing is unpacked of an archive that is refused, nor into a folder in use", async () => {
  const damaged = join(folder, "damaged.tar.zst");
  await cp(archive, damaged);
  await truncate(damaged, (await stat(archive)).size - 10);
  const parent = join(folder, "parent");
  await mkdir(join(parent, "used"), { recursive: true });
  await mkdir(join(parent, "empty"));
  await writeFile(join(parent, "used/file"), "mine");
  const refused = await manager.unpack(damaged, join(parent, "damaged"));
  assert.ok(!refused.success && refused.error.code === "archive-refused");
  for (const used of ["used", "used/file"]) {
    const outcome = await manager.unpack(archive, join(parent, used));
    assert.ok(!outcome.success && outcome.error.code === "usage", used);
  }
  assert.deepEqual(await readdir(parent), ["empty", "used"]);
  assert.deepEqual(await readdir(join(parent, "used")), ["file"]);
  assert.equal((await manager.unpack(archive, join(parent, "empty"))).success, true);
  assert.deepEqual(await readdir(parent), ["empty", "used"]);
});

test("library: a transfer that fails leaves nothing there and replaces nothing", async () => {
  const there = join(folder, "failing");
  const config = { target: "test-machine", directory: there, sshConfig: sshd.configFile };
  const plain = join(folder, "plain.tar");
  await writeFile(plain, Buffer.alloc(1 << 20));

  // A disk that keeps something else: the file is changed once it has arrived.
  const changed = new CheckpointManager();
  changed.on("step-started", ({ step }) => {
    if (step !== "verify") return;
    const [partial = ""] = readdirSync(there);
    writeFileSync(join(there, partial, "plain.tar"), "else");
  });
  const wrong = await changed.transfer(plain, config);
  assert.ok(!wrong.success && wrong.error.code === "package-corrupt");
  assert.deepEqual(await readdir(there), []);

  assert.equal((await manager.transfer(plain, config)).success, true);
  const twice = await manager.transfer(plain, config);
  assert.ok(!twice.success && twice.error.code === "usage" && /is there already/.test(twice.error.message));

  const [cancelled, abort] = [new CheckpointManager(), new AbortController()];
  cancelled.on("bytes", () => abort.abort());
  const outcome = await cancelled.transfer(archive, { ...config, signal: abort.signal });
  assert.ok(!outcome.success && outcome.error.code === "cancelled", outcome.success ? "" : outcome.error.code);
  assert.deepEqual(await readdir(there), ["plain.tar"]);

  const notAFolder = await manager.transfer(archive, { ...config, directory: join(there, "plain.tar") });
  assert.ok(!notAFolder.success && notAFolder.error.code === "transfer-failed");
  const nowhere = await manager.transfer(join(folder, "nothing"), config);
  assert.ok(!nowhere.success && nowhere.error.code === "usage");
});
