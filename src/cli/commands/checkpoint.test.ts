import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { execa } from "execa";
import { openArchive } from "../../checkpoint/archive/open-archive.ts";
import type { CheckpointTaken, TakeCheckpointOptions } from "../../checkpoint/take/take-checkpoint.ts";
import { counting } from "../../checkpoint/testing/real-archive.ts";
import { criuForTests } from "../../criu/testing/criu.ts";
import { openSandbox } from "../../engine/docker/testing/sandbox.ts";
import { MigrationError } from "../../errors.ts";
import { eventually } from "../../resume/testing/eventually.ts";
import { runWith } from "../testing/run-with.ts";

const folder = await mkdtemp(join(tmpdir(), "checkpoint-command-"));
after(() => rm(folder, { recursive: true, force: true }));
const program = join(import.meta.dirname, "../../../bin/migrate-container");

const taken: CheckpointTaken = {
  success: true,
  checkpointPath: "/tmp/web.ckpt",
  container: "web",
  containerId: "1",
  image: "nginx",
  compression: "zstd",
  encrypted: false,
  containerState: "running",
  processes: 2,
  threads: 5,
  sizes: { archive: 1024, unpacked: 4096, memory: 2048, images: 3000, upper: 512, executables: 100, image: 0 },
  frozenMs: 250,
  totalMs: 1500,
  notes: ["the content of /data is not in the archive: it is a volume"],
};

test("checkpoint: options reach the library, and the result is told", async () => {
  const asked: TakeCheckpointOptions[] = [];
  const takeCheckpoint = async (options: TakeCheckpointOptions) => {
    asked.push(options);
    options.onEvent?.({ type: "step-started", step: "freeze", atMs: 1, title: "Freezing the container" });
    return taken;
  };
  const words = [
    "checkpoint",
    "web",
    "-o",
    "web.ckpt",
    "--encrypt",
    "age1a",
    "--encrypt",
    "age1b",
    "--with-image",
    "--stop",
    "--compress",
    "gzip",
  ];
  const { exitCode, stdout, stderr } = await runWith({ takeCheckpoint }, words);
  assert.equal(exitCode, 0);
  const [{ container, output, recipients, withImage, stop, compression } = {} as TakeCheckpointOptions] = asked;
  assert.deepEqual(
    { container, output, recipients, withImage, stop, compression },
    { container: "web", output: "web.ckpt", recipients: ["age1a", "age1b"], withImage: true, stop: true, compression: "gzip" },
  );
  assert.match(stderr, /Freezing the container: started/);
  assert.match(stdout, /web is in \/tmp\/web\.ckpt\n.*2 processes, 5 threads, 2\.0 KiB of memory/);
  assert.match(stdout, /not encrypted: it holds the secrets[\s\S]*the content of \/data is not in the archive/);
  const json = await runWith({ takeCheckpoint }, ["checkpoint", "web", "-o", "web.ckpt", "--json"]);
  assert.deepEqual(JSON.parse(json.stdout), taken);
  assert.deepEqual([asked[1]?.stop, asked[1]?.compression, asked[1]?.recipients], [undefined, "zstd", []]);
  await runWith({ takeCheckpoint }, ["checkpoint", "web", "--leave-running"]);
  assert.deepEqual([asked[2]?.output, asked[2]?.stop], [undefined, false]);
});

test("checkpoint: the configuration says where the file goes, and whether the container goes on", async () => {
  await criuForTests();
  await using sandbox = await openSandbox();
  const id = await sandbox.run(counting);
  const [directory, config] = [join(folder, "made/checkpoints"), join(folder, "criu_config.json")];
  await writeFile(config, JSON.stringify({ checkpoint_dir: directory, default_options: { leave_running: false } }));
  const words = ["checkpoint", id, "--config", config, "--json"];
  const first = JSON.parse((await execa(program, [...words, "--leave-running"])).stdout) as CheckpointTaken;
  const second = JSON.parse((await execa(program, [...words, "--compress", "none"])).stdout) as CheckpointTaken;
  assert.deepEqual([first.containerState, second.containerState], ["running", "stopped"]);
  const { Name: name, State: state } = await sandbox.engine.inspect(id);
  assert.equal(state.Running, false);
  const start = join(directory, `${name.slice(1)}-20`);
  for (const [{ checkpointPath: path }, end] of [
    [first, /\d{6}T\d{9}Z\.tar\.zst$/],
    [second, /\d{6}T\d{9}Z\.tar$/],
  ] as const) {
    assert.ok(path.startsWith(start), path);
    assert.match(path.slice(start.length), end);
  }
  assert.equal((await readdir(directory)).length, 2);
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
});

test("checkpoint: without a file and without a folder for it, it is wrong usage", async () => {
  const config = join(folder, "empty.json");
  await writeFile(config, "{}");
  const { exitCode, stderr } = await execa(program, ["checkpoint", "web", "--config", config], { reject: false });
  assert.equal(exitCode, 2, stderr);
  assert.match(stderr, /no file was named, and the configuration has no `checkpoint_dir`[\s\S]*--output/);
});

test("checkpoint: wrong usage, and failures", async () => {
  for (const words of [
    ["web", "-o", "x", "--stop", "--leave-running"],
    ["web", "-o", "x", "--compress", "lz4"],
  ]) {
    assert.equal((await runWith({}, ["checkpoint", ...words])).exitCode, 2, words.join(" "));
  }
  const takeCheckpoint = async () => {
    throw new MigrationError("dump-failed", "CRIU could not dump it", { host: "local" });
  };
  const { exitCode, stderr } = await runWith({ takeCheckpoint }, ["checkpoint", "web", "-o", "x"]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /No checkpoint: .*CRIU could not dump it[\s\S]*The container goes on as before/);
});

test("checkpoint: run as a command, encrypted; inspect reads it with the identity only", async () => {
  await criuForTests();
  await using sandbox = await openSandbox();
  const id = await sandbox.run(counting);
  const [path, identity] = [join(folder, "web.ckpt.age"), join(folder, "identity")];
  await execa("age-keygen", ["--output", identity]);
  const recipient = (await execa("age-keygen", ["-y", identity])).stdout.trim();
  const { stdout } = await execa(program, ["checkpoint", id, "--output", path, "--encrypt", recipient, "--json"]);
  assert.equal((JSON.parse(stdout) as CheckpointTaken).encrypted, true);
  const without = await execa(program, ["inspect", path, "--json"], { reject: false });
  assert.equal(without.exitCode, 1);
  assert.match(without.stdout, /"reason": "identity-missing"/);
  const with_ = await execa(program, ["inspect", path, "--identity", identity]);
  assert.match(with_.stdout, /encrypted, compressed with zstd/);
  // Other programs can take it apart, too.
  const listed = await execa("sh", ["-c", 'age -d -i "$1" "$2" | zstd -d | tar -t', "sh", identity, path]);
  assert.match(listed.stdout, /^manifest\.json\ncontainer\.json\n/);
  await using archive = await openArchive(path, { identityFile: identity });
  assert.equal(archive.encrypted, true);
});

for (const step of ["dump", "copy", "write"]) {
  test(`checkpoint: Ctrl-C in the step ${step}: the container goes on, and nothing stays`, async () => {
    await criuForTests();
    await using sandbox = await openSandbox();
    const id = await sandbox.run(counting);
    const directory = await mkdtemp(join(folder, "interrupted-"));
    const environment = { XDG_STATE_HOME: join(folder, "state") };
    const run = execa(program, ["checkpoint", id, "-o", join(directory, "web.ckpt"), "--json"], {
      env: environment,
      reject: false,
    });
    let events = "";
    run.stderr.on("data", (data: Buffer) => {
      if (!events.includes(`"step-started","step":"${step}"`) && `${events}${data}`.includes(`"step-started","step":"${step}"`))
        run.kill("SIGINT");
      events += data;
    });
    const { exitCode } = await run;
    assert.equal(exitCode, 130, events);
    const { State: state } = await sandbox.engine.inspect(id);
    assert.deepEqual([state.Running, state.Paused], [true, false]);
    const lines = async () => (await sandbox.engine.logs(id, 100_000)).length;
    const before = await lines();
    await eventually("it counts on", async () => (await lines()) > before);
    assert.deepEqual(await readdir(directory), []);
    assert.deepEqual(await readdir(join(folder, "state/migrate-container/work")), []);
  });
}
