import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { after, before, test } from "node:test";
import type { Host } from "./host.ts";
import { openHost } from "./open.ts";
import { testHost } from "./testing/host-behaviour.ts";
import { freePort, makeKey, startSshd, type TestSshd } from "./testing/sshd.ts";

let sshd: TestSshd;
let shared: Host;
before(async () => {
  sshd = await startSshd();
  shared = await openHost(sshd.target, { configFile: sshd.configFile });
});
after(async () => {
  await shared.close();
  await sshd[Symbol.asyncDispose]();
});

testHost("ssh", async () => shared);

test("ssh: a name from the SSH configuration is a machine", async () => {
  await using host = await openHost("ssh://test-machine", { configFile: sshd.configFile });
  assert.equal(host.name, "ssh://test-machine");
  assert.equal(await host.must(["echo", "hello"]), "hello\n");
});

test("ssh: the configuration's own commands and forwards do not disturb", async () => {
  const configFile = await sshd.configure([
    "Host test-machine",
    "  RemoteCommand echo other",
    "  RequestTTY force",
    `  LocalForward ${await freePort()} 127.0.0.1:1`,
  ]);
  await using host = await openHost("ssh://test-machine", { configFile });
  assert.equal(await host.must(["printf", "a\\nb"]), "a\nb");
});

test("ssh: the configuration file can come from the environment", async (context) => {
  process.env.MIGRATE_CONTAINER_SSH_CONFIG = sshd.configFile;
  context.after(() => delete process.env.MIGRATE_CONTAINER_SSH_CONFIG);
  await using host = await openHost("ssh://test-machine");
  assert.equal(await host.must(["echo", "hello"]), "hello\n");
});

test("ssh: closing leaves neither process nor directory", async () => {
  const host = await openHost(sshd.target, { configFile: sshd.configFile });
  const directory = dirname(await host.unixSocket("/nowhere"));
  assert.ok(existsSync(directory));
  await host.close();
  assert.ok(!existsSync(directory));
  await assert.rejects(host.run(["true"]), { code: "target-unreachable" });
});

async function assertUnreachable(target: string, configFile: string, reason: string, words: RegExp): Promise<void> {
  await assert.rejects(openHost(target, { configFile }), (error: Record<string, unknown>) => {
    assert.equal(error.code, "target-unreachable");
    assert.equal(error.host, target);
    assert.match(String(error.message), words);
    assert.equal((error.details as Record<string, unknown>).reason, reason);
    assert.ok(String(error.remedy).length > 20);
    return true;
  });
}

test("ssh: a port on which nobody listens", async () => {
  await assertUnreachable(`ssh://127.0.0.1:${await freePort()}`, sshd.configFile, "refused", /Connection refused/);
});

test("ssh: a machine that never answers", async (context) => {
  const server = createServer(() => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  context.after(() => server.close());
  const address = server.address() as { port: number };
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  await assert.rejects(openHost(`ssh://127.0.0.1:${address.port}`, { configFile: sshd.configFile, signal: controller.signal }), {
    code: "cancelled",
  });
});

test("ssh: a name that nobody knows", async () => {
  await assertUnreachable("ssh://no-such-machine.invalid", sshd.configFile, "name-not-resolved", /Could not resolve hostname/);
});

test("ssh: an unknown host key", async () => {
  const configFile = await sshd.configure(["UserKnownHostsFile /dev/null"]);
  await assertUnreachable(sshd.target, configFile, "host-key-unknown", /host key/i);
});

test("ssh: a changed host key", async (context) => {
  const directory = await mkdirTemporary(context);
  await makeKey(`${directory}/other`);
  await writeFile(`${directory}/known`, `[127.0.0.1]:${sshd.port} ${await readFile(`${directory}/other.pub`, "utf8")}`);
  const configFile = await sshd.configure([`UserKnownHostsFile ${directory}/known`]);
  await assertUnreachable(sshd.target, configFile, "host-key-changed", /Host key verification failed/);
});

test("ssh: more commands at once than sshd takes sessions", async () => {
  await using host = await openHost(sshd.target, { configFile: sshd.configFile });
  const numbers = Array.from({ length: 30 }, (_, number) => String(number));
  assert.deepEqual(await Promise.all(numbers.map((number) => host.must(["sh", "-c", `sleep 0.1; printf ${number}`]))), numbers);
});

test("ssh: a key that the machine does not accept", async (context) => {
  const directory = await mkdirTemporary(context);
  await makeKey(`${directory}/other`);
  const lines = await readFile(sshd.configFile, "utf8");
  const configFile = `${directory}/config`;
  await writeFile(configFile, lines.replace(/IdentityFile .*/, `IdentityFile ${directory}/other`));
  await assertUnreachable(sshd.target, configFile, "permission-denied", /Permission denied/);
});

test("ssh: a connection that is lost while a command runs", async () => {
  await using server = await startSshd();
  const host = await openHost(server.target, { configFile: server.configFile });
  const running = host.run(["sleep", "60"]);
  running.catch(() => {});
  await host.run(["true"]);
  await server.stop();
  await host.run(["true"]).catch(() => {});
  await host.close();
  await assert.rejects(running, { code: "target-unreachable", host: server.target });
});

async function mkdirTemporary(context: { after(action: () => Promise<void>): void }): Promise<string> {
  const directory = `/tmp/ssh-test-${crypto.randomUUID()}`;
  await mkdir(directory, { mode: 0o700 });
  context.after(() => rm(directory, { recursive: true }));
  return directory;
}
