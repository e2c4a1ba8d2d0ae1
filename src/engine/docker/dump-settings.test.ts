import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { criuForTests } from "../../criu/testing/criu.ts";
import type { MigrationError } from "../../errors.ts";
import { logOfLevel, runtimeOptions } from "./dump-settings.ts";
import { openSandbox, type Sandbox } from "./testing/sandbox.ts";

let sandbox: Sandbox;
let folder: string;
before(async () => {
  sandbox = await openSandbox();
  folder = await mkdtemp(join(tmpdir(), "dump-settings-"));
});
after(async () => {
  await sandbox?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("dump: each setting is an option of the runtime", () => {
  assert.deepEqual(runtimeOptions({}), ["--tcp-established", "--file-locks"]);
  assert.deepEqual(runtimeOptions({ tcpEstablished: false, fileLocks: false, shellJob: true, externalUnixSockets: true }), [
    "--shell-job",
    "--ext-unix-sk",
  ]);
});

test("dump: a level of the log takes in those below it", () => {
  const log = "(00.1) Dumping\n(00.2)     12: Warn  (criu/a.c:1): odd\n(00.3) Error (criu/a.c:2): bad\n";
  const [dumping, odd, bad] = log.split("\n");
  assert.deepEqual(logOfLevel(log, 0), []);
  assert.deepEqual(logOfLevel(log, 1), [bad]);
  assert.deepEqual(logOfLevel(log, 2), [odd, bad]);
  assert.deepEqual(logOfLevel(log, 3), [dumping, odd, bad]);
});

test("dump: a file lock and a TCP connection are dumped by default, and are errors when they are not to be", async () => {
  const { engine } = sandbox;
  const { binDirectory: criuBinDirectory } = await criuForTests();
  const connection =
    '$l = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:7000"); $c = IO::Socket::INET->new("127.0.0.1:7000"); $a = $l->accept; sleep 1000';
  const script = `exec 3>/tmp/lock; flock 3; exec perl -MIO::Socket -e '${connection}'`;
  // The machine's own programs, with their libraries.
  const binds = ["/usr", "/lib", "/lib64"].map((path) => `${path}:${path}:ro`);
  const id = await sandbox.run(["sh", "-c", script], { HostConfig: { Binds: binds } });
  await delay(1500);
  await engine.freeze(id);
  const dump = (name: string, settings: Parameters<typeof runtimeOptions>[0]) =>
    engine.dump(id, {
      imageDirectory: join(folder, name, "images"),
      workDirectory: join(folder, name, "work"),
      criuBinDirectory,
      ...settings,
    });
  await dump("all", {});
  await assert.rejects(dump("locks", { fileLocks: false, logLevel: 4 }), (error: MigrationError) => {
    assert.equal(error.code, "dump-failed");
    assert.match(error.message, /lock/);
    assert.ok((error.details.log as string[]).length > 20);
    return true;
  });
  await assert.rejects(dump("connections", { tcpEstablished: false }), (error: MigrationError) => {
    assert.equal(error.code, "dump-failed");
    assert.match(error.message, /[Cc]onnected TCP socket/);
    assert.equal(error.details.log, undefined);
    return true;
  });
  assert.equal((await engine.inspect(id)).State.Paused, true);
});
