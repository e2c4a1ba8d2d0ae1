import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openLocalHost } from "../../host/local.ts";
import { openSshHost } from "../../host/ssh.ts";
import { startSshd } from "../../host/testing/sshd.ts";
import { eventually } from "../../resume/testing/eventually.ts";
import { isFrozen } from "./cgroup.ts";
import { DockerEngine } from "./engine.ts";
import { openSandbox, type Sandbox } from "./testing/sandbox.ts";

let sandbox: Sandbox;
let engine: DockerEngine;
before(async () => {
  sandbox = await openSandbox();
  engine = sandbox.engine;
});
after(() => sandbox?.[Symbol.asyncDispose]());

const counter = ["sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done"];

async function lastNumber(id: string): Promise<number> {
  return Number((await engine.logs(id, 1)).trim());
}

test("engine: tells what it is", async () => {
  const info = await engine.info();
  const { stdout } = await engine.host.run(["uname", "-m"]);
  assert.equal(info.architecture, stdout.trim());
  assert.match(info.version, /^\d+\.\d+/);
  assert.match(info.apiVersion, /^1\.\d+$/);
  assert.ok(info.runtimes.has(info.defaultRuntime));
  assert.ok((await stat(info.rootDirectory)).isDirectory());
});

test("engine: a socket on which nobody listens", async (context) => {
  process.env.DOCKER_HOST = "unix:///nowhere/docker.sock";
  context.after(() => delete process.env.DOCKER_HOST);
  await assert.rejects(DockerEngine.open(openLocalHost()), { code: "engine-unavailable", host: "local", remedy: /start Docker/ });
  process.env.DOCKER_HOST = "tcp://192.0.2.1:2375";
  await assert.rejects(DockerEngine.open(openLocalHost()), { code: "engine-unavailable", message: /tcp:/ });
});

test("engine: a container that is not there", async () => {
  const missing = { code: "container-not-found", host: "local", message: /no-such-container/, remedy: /docker ps -a/ };
  await assert.rejects(engine.inspect("no-such-container"), missing);
  await assert.rejects(engine.freeze("no-such-container"), missing);
  await assert.rejects(engine.logs("no-such-container"), missing);
  await assert.rejects(engine.exec("no-such-container", ["true"]), missing);
  assert.equal(await engine.hasImage("no-such-image:test"), false);
});

test("engine: a frozen container stands still, and goes on without a gap", async () => {
  const id = await sandbox.run(counter);
  await delay(300);
  await engine.freeze(id);
  await engine.freeze(id);
  const pid = (await engine.inspect(id)).State.Pid;
  assert.equal(await isFrozen(engine.host, pid), true);
  const frozen = await lastNumber(id);
  await delay(300);
  assert.equal(await lastNumber(id), frozen);
  await engine.thaw(id);
  await engine.thaw(id);
  assert.equal(await isFrozen(engine.host, pid), false);
  await delay(300);
  const numbers = (await engine.logs(id, 100_000)).trim().split("\n").map(Number);
  assert.ok(numbers.length > frozen);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
  await engine.remove(id, true);
  await assert.rejects(engine.inspect(id), { code: "container-not-found" });
});

test("engine: a stopped container cannot be frozen", async () => {
  const id = await sandbox.run(["true"]);
  await engine.client.getContainer(id).wait();
  await assert.rejects(engine.freeze(id), { code: "container-not-running", message: /exited/ });
});

test("engine: a program runs in a container", async () => {
  const id = await sandbox.run(["sleep", "1000"]);
  assert.deepEqual(await engine.exec(id, ["sh", "-c", "printf 'o\\nu€t'; printf err >&2; exit 5"]), {
    exitCode: 5,
    stdout: "o\nu€t",
    stderr: "err",
  });
  assert.deepEqual(await engine.exec(id, ["sh", "-c", "exit 127"]), { exitCode: 127, stdout: "", stderr: "" });
  await assert.rejects(engine.exec(id, ["no-such-program"]), { code: "command-not-found" });
});

test("engine: both streams of a log, a terminal's, and none where none is kept", async () => {
  const script = "echo out; sleep 0.1; echo err >&2; sleep 0.1; echo last";
  const plain = await sandbox.run(["sh", "-c", script]);
  const terminal = await sandbox.run(["sh", "-c", script], { Tty: true });
  for (const id of [plain, terminal]) await engine.client.getContainer(id).wait();
  assert.equal(await engine.logs(plain), "out\nerr\nlast\n");
  assert.equal(await engine.logs(plain, 2), "err\nlast\n");
  assert.equal(await engine.logs(terminal), "out\r\nerr\r\nlast\r\n");
  const silent = await sandbox.run(["sh", "-c", script], { HostConfig: { LogConfig: { Type: "none", Config: {} } } });
  assert.equal(await engine.logs(silent), "");
});

test("engine: name and restart policy can be changed, also of a frozen container", async () => {
  const id = await sandbox.run(["sleep", "1000"], { HostConfig: { RestartPolicy: { Name: "always" } } });
  await engine.freeze(id);
  const name = sandbox.name();
  await engine.rename(id, name);
  await engine.setRestartPolicy(id, { Name: "no", MaximumRetryCount: 0 });
  const record = await engine.inspect(name);
  assert.equal(record.Id, id);
  assert.equal(record.HostConfig.RestartPolicy?.Name, "no");
});

test("engine: no process of a container stopped for good executes another instruction", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "stop-"));
  context.after(() => rm(directory, { recursive: true }));
  const sizes = async () =>
    Promise.all((await readdir(directory)).sort().map(async (name) => [name, (await stat(join(directory, name))).size]));
  const writers = "write() { while :; do echo x; done >/out/$1; }; write a & write b & write c & write d & write e";
  // Several times: when the processes are not all killed first, most of the tries show writes, but not each of them.
  for (let round = 0; round < 4; round++) {
    const id = await sandbox.run(["sh", "-c", writers], {
      HostConfig: { Binds: [`${directory}:/out`], RestartPolicy: { Name: "always" } },
    });
    await eventually("all writers to write", async () => (await sizes()).filter(([, size]) => Number(size) > 0).length === 5);
    await engine.freeze(id);
    const frozen = await sizes();
    await engine.stopForGood(id);
    assert.deepEqual(await sizes(), frozen);
    const { State: state } = await engine.inspect(id);
    assert.deepEqual([state.Status, state.ExitCode], ["exited", 137]);
    await delay(300);
    assert.equal((await engine.inspect(id)).State.Running, false);
    await engine.stopForGood(id);
  }
});

test("engine: a container made to be removed is gone when it is stopped for good", async () => {
  const id = await sandbox.run(["sleep", "1000"], { HostConfig: { AutoRemove: true } });
  await engine.freeze(id);
  await engine.stopForGood(id);
  for (let attempt = 0; attempt < 50; attempt++) {
    if ((await engine.inspect(id).catch(() => undefined)) === undefined) return;
    await delay(50);
  }
  assert.fail("it is still there");
});

test("engine: the same over SSH", async () => {
  await using sshd = await startSshd();
  await using host = await openSshHost(sshd.target, { configFile: sshd.configFile });
  const remote = await DockerEngine.open(host);
  assert.equal((await remote.info()).version, (await engine.info()).version);
  const id = await sandbox.run(counter);
  await remote.freeze(id);
  assert.equal(await isFrozen(host, (await remote.inspect(id)).State.Pid), true);
  await remote.thaw(id);
  assert.equal((await remote.exec(id, ["echo", "there"])).stdout, "there\n");
  await remote.freeze(id);
  await remote.stopForGood(id);
  assert.equal((await engine.inspect(id)).State.ExitCode, 137);
  await assert.rejects(remote.inspect("no-such-container"), { code: "container-not-found", host: sshd.target });
});
