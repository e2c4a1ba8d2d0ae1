import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { criuForTests } from "../../criu/testing/criu.ts";
import { dumpFailure } from "./dump-errors.ts";
import type { DockerEngine } from "./engine.ts";
import { openSandbox, type Sandbox } from "./testing/sandbox.ts";

let sandbox: Sandbox;
let engine: DockerEngine;
let folder: string;
before(async () => {
  sandbox = await openSandbox();
  engine = sandbox.engine;
  folder = await mkdtemp(join(tmpdir(), "dump-"));
});
after(async () => {
  await sandbox?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const counter = ["sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done"];

function directories(name: string, criuBinDirectory: string) {
  return { imageDirectory: join(folder, name, "images"), workDirectory: join(folder, name, "work"), criuBinDirectory };
}

async function numbers(id: string): Promise<number[]> {
  return (await engine.logs(id, 100_000)).trim().split("\n").map(Number);
}

test("dump: a frozen container is dumped, stays frozen and goes on without a gap", async () => {
  const criu = (await criuForTests()).binDirectory;
  const id = await sandbox.run(counter);
  await delay(300);
  await engine.freeze(id);
  const before = await numbers(id);
  const options = directories("good", criu);
  await engine.dump(id, options);
  assert.equal((await stat(options.imageDirectory)).mode & 0o777, 0o700);
  const files = await readdir(options.imageDirectory);
  for (const file of ["inventory.img", "pstree.img", "pages-1.img", "core-1.img", "SHA256SUMS"])
    assert.ok(files.includes(file), file);
  assert.equal((await engine.inspect(id)).State.Paused, true);
  await delay(300);
  assert.deepEqual(await numbers(id), before);
  await engine.thaw(id);
  await delay(300);
  const all = await numbers(id);
  assert.ok(all.length > before.length);
  assert.deepEqual(
    all,
    all.map((_, index) => index + 1),
  );
});

test("dump: a container that CRIU cannot dump stays frozen, and CRIU's words are told", async () => {
  const { program } = await criuForTests();
  // A deleted file that is still open and larger than what CRIU puts into its images, unless it is told otherwise.
  const criu = join(folder, "untold");
  await mkdir(criu);
  await writeFile(join(criu, "criu"), `#!/bin/sh\nunset CRIU_CONFIG_FILE\nexec ${program} "$@"\n`, { mode: 0o755 });
  const id = await sandbox.run([
    "sh",
    "-c",
    "dd if=/dev/urandom of=/tmp/file bs=1000000 count=3; exec 3</tmp/file; rm /tmp/file; while :; do sleep 1; done",
  ]);
  await delay(500);
  await engine.freeze(id);
  await assert.rejects(
    engine.dump(id, directories("bad", criu)),
    (error: { code?: string; message: string; remedy?: string; details: Record<string, unknown> }) => {
      assert.equal(error.code, "dump-failed");
      assert.match(error.message, /ghost/i);
      assert.match(error.remedy ?? "", /deleted file/);
      assert.equal(error.details.stillFrozen, true);
      return true;
    },
  );
  assert.equal((await engine.inspect(id)).State.Paused, true);
});

test("dump: only a frozen container, and only with CRIU", async () => {
  const id = await sandbox.run(counter);
  await assert.rejects(engine.dump(id, directories("none", folder)), { code: "container-not-running", message: /not frozen/ });
  await engine.freeze(id);
  await assert.rejects(engine.dump(id, directories("none", folder)), {
    code: "criu-missing",
    message: new RegExp(`${folder}/criu`),
  });
});

test("dump: a CRIU that is killed or says nothing is an error too", async () => {
  const id = await sandbox.run(counter);
  await engine.freeze(id);
  await writeFile(join(folder, "criu"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  await assert.rejects(engine.dump(id, directories("silent", dirname(join(folder, "criu")))), { code: "dump-failed" });
  assert.equal((await engine.inspect(id)).State.Paused, true);
});

test("dump: the lines that matter are picked from a log", () => {
  const log = [
    "(00.000001) Error (criu/rlimit.c:10): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted",
    "(00.010000) Dumping sockets",
    "(00.020000)     12: Error (criu/sockets.c:421): Can't get 1:16 opt: Operation not supported",
    "(00.030000) Error (criu/cr-dump.c:2128): Dumping FAILED.",
  ].join("\n");
  const error = dumpFailure("local", "web", log, "criu failed: type NOTIFY errno 0", true);
  assert.equal(
    error.message,
    "CRIU could not dump container `web`: Error (criu/sockets.c:421): Can't get 1:16 opt: Operation not supported; Error (criu/cr-dump.c:2128): Dumping FAILED.",
  );
  assert.match(error.remedy ?? "", /4\.2/);
  assert.equal(dumpFailure("local", "web", "", 'exec: "criu": executable file not found in $PATH', true).code, "criu-missing");
  assert.match(dumpFailure("local", "web", "", "a\ncontainer is not running\n", true).message, /container is not running/);
});

test("dump: a process that was caught in vfork is worth another try, a socket that CRIU doesn't know is not", () => {
  const failure = (line: string) => dumpFailure("local", "web", `(10.048306) Error (${line})`, "", true);
  assert.equal(
    failure("compel/src/lib/infect.c:262): Unseizable non-zombie 29147 found, state D, err -1/4").details.transient,
    true,
  );
  assert.equal(failure("criu/sk-unix.c:500): External socket is used").details.transient, false);
});
