import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import type { CheckRequest } from "../library.ts";
import { blockedReport, readyReport } from "../testing/results.ts";
import { runWith } from "../testing/run-with.ts";

test("findings come by severity, then the verdict and what to do", async () => {
  const { exitCode, stdout, stderr } = await runWith({ check: async () => blockedReport }, ["check", "web", "ssh://root@board"]);
  assert.equal(exitCode, 3);
  assert.equal(stderr, "");
  assert.equal(
    stdout,
    `Blockers
  ✖ no emulator for x86_64 is registered  (target.emulator, ssh://root@board, only resume)
    Why: The target's processor can't run the program's instructions itself.
    Remedy: Install qemu-user-static there.
  ✖ this machine is x86_64, the target aarch64  (restore.architecture, this machine, only restore)
    Why: CRIU restores machine code as it is.
    Remedy: Choose a target of this architecture.

Warnings
  ⚠ the clocks differ by 12 s  (target.clock, ssh://root@board)
    Why: The program would see time jump.

Facts
  • web runs  (container.running, this machine)
    Why: Only what runs can be moved.

Strategies
  ✖ resume      blocked: no emulator for x86_64 is registered (target.emulator)
  ✖ restore     blocked: this machine is x86_64, the target aarch64 (restore.architecture)
  ✔ replatform  ready, with --strategy replatform: it starts anew, and what is in memory is lost

✖ web can't be moved to ssh://root@board: 2 blockers.
Next: follow the remedies above, then run this again: migrate-container check web ssh://root@board
`,
  );
});

test("ready, it gives the command line of the move, with the options that it needs", async () => {
  const { exitCode, stdout } = await runWith({ check: async () => readyReport }, [
    "check",
    "web",
    "ssh://board",
    "--ssh-config",
    "my config",
  ]);
  assert.equal(exitCode, 0);
  assert.match(
    stdout,
    /✔ web can be moved to ssh:\/\/board\.\nNext: migrate-container migrate web ssh:\/\/board --ssh-config 'my config'\n$/,
  );
});

test("ready, what blocks only other strategies is told in their verdicts", async () => {
  const { stdout } = await runWith({ check: async () => readyReport }, ["check", "web", "ssh://board"]);
  assert.doesNotMatch(stdout, /Blockers/);
  assert.match(stdout, /✔ resume {6}ready: what `migrate` takes by itself\n {2}✖ restore {5}blocked: this machine is x86_64/);
});

test("a strategy that is asked for is what counts, and is asked for again", async () => {
  const ask = (...options: string[]) => runWith({ check: async () => readyReport }, ["check", "web", "ssh://board", ...options]);
  const restore = await ask("--strategy", "restore");
  assert.equal(restore.exitCode, 3);
  assert.match(
    restore.stdout,
    /^Blockers\n {2}✖ this machine is x86_64, the target aarch64 {2}\(restore\.architecture, this machine\)/,
  );
  assert.match(
    restore.stdout,
    /can't be moved to ssh:\/\/board by restore: 1 blocker\.\n.* check web ssh:\/\/board --strategy restore\n$/,
  );
  const replatform = await ask("--strategy", "replatform");
  assert.equal(replatform.exitCode, 0);
  assert.match(
    replatform.stdout,
    /can be moved to ssh:\/\/board by replatform\.\nNext: .*migrate web ssh:\/\/board --strategy replatform\n$/,
  );
  assert.equal((await runWith({ check: async () => blockedReport }, ["check", "web", "--strategy", "replatform"])).exitCode, 0);
  assert.equal((await ask("--strategy", "teleport")).exitCode, 2);
});

test("name, architectures and what is remapped reach the library; the move is given those that it knows", async () => {
  const requests: CheckRequest[] = [];
  const check = async (request: CheckRequest) => {
    requests.push(request);
    return readyReport;
  };
  const options = [
    "--name",
    "web-2",
    "--source-arch",
    "x86_64",
    "--target-arch",
    "aarch64",
    "--network",
    "shop=front",
    "--publish",
    "8080:80",
    ...["--bind", "/here=/there", "--bind-exists", "/zone", "--copy-shared", "--device", "/dev/a=/dev/b"],
  ];
  const { stdout } = await runWith({ check }, ["check", "web", "local", ...options]);
  const { signal: _signal, ...request } = requests[0] ?? assert.fail();
  assert.deepEqual(request, {
    container: "web",
    target: "local",
    configuration: { defaultOptions: {} },
    name: "web-2",
    sourceArchitecture: "x86_64",
    targetArchitecture: "aarch64",
    networks: { shop: "front" },
    publish: [{ port: "80/tcp", hostPort: 8080, address: "" }],
    ...{ binds: { "/here": "/there" }, bindsThere: ["/zone"], copyShared: true, devices: { "/dev/a": "/dev/b" } },
  });
  const words = "--name web-2 --network 'shop=front' --publish 8080:80";
  const paths = "--bind '/here=/there' --bind-exists /zone --copy-shared --device '/dev/a=/dev/b'";
  assert.ok(stdout.endsWith(`Next: migrate-container migrate web local ${words} ${paths}\n`), stdout);
  assert.equal((await runWith({ check }, ["check", "web", "--target-arch", "vax"])).exitCode, 2);
});

test("without a target it says what is left to check", async () => {
  const requests: CheckRequest[] = [];
  const check = async (request: CheckRequest) => {
    requests.push(request);
    return readyReport;
  };
  const { exitCode, stdout } = await runWith({ check }, ["check", "web"]);
  assert.equal(exitCode, 0);
  assert.equal(requests[0]?.target, undefined);
  assert.match(
    stdout,
    /as far as its machine goes\.\nNext: check it with a target: migrate-container check web ssh:\/\/\[user@\]host\n$/,
  );
});

test("with --json the report itself is the document", async () => {
  const { exitCode, stdout, stderr } = await runWith({ check: async () => blockedReport }, ["check", "web", "--json"]);
  assert.equal(exitCode, 3);
  assert.equal(stderr, "");
  assert.deepEqual(JSON.parse(stdout), blockedReport);
});

test("the configuration file goes to the check and into the command line that is proposed; a wrong one ends with 1", async () => {
  const folder = await mkdtemp(join(tmpdir(), "check-"));
  const file = join(folder, "criu_config.json");
  await writeFile(file, '{"log_level": "debug"}');
  const requests: CheckRequest[] = [];
  const check = async (request: CheckRequest) => {
    requests.push(request);
    return readyReport;
  };
  const right = await runWith({ check }, ["check", "web", "ssh://board", "--config", file]);
  assert.equal(requests[0]?.configuration?.logLevel, 4);
  assert.ok(right.stdout.endsWith(`migrate web ssh://board --config ${file}\n`), right.stdout);
  await writeFile(file, '{"log_level":\n "loud"}');
  const wrong = await runWith({ check }, ["check", "web", "--config", file]);
  assert.equal(wrong.exitCode, 1);
  assert.ok(wrong.stderr.includes(`${file}:2:2: \`log_level\` is "loud"`), wrong.stderr);
  assert.equal(requests.length, 1);
  await rm(folder, { recursive: true });
});

test("several containers are checked as they would be moved together: one that can't keeps all", async () => {
  const checkGroup = async () => [
    { container: "web", report: readyReport },
    { container: "redis", report: blockedReport },
  ];
  const { exitCode, stdout } = await runWith({ checkGroup }, ["check", "web", "redis", "ssh://root@board"]);
  assert.equal(exitCode, 3);
  assert.match(stdout, /^web\n[\s\S]*^redis\n/m);
  assert.match(stdout, /✖ web, redis can't be moved to ssh:\/\/root@board: \d+ blockers/);
  const ready = async () => [{ container: "web", report: readyReport }];
  const project = await runWith({ checkGroup: ready }, ["check", "--compose-project", "shop", "board"]);
  assert.equal(project.exitCode, 0);
  assert.match(project.stdout, /the compose project shop can be moved to board/);
  assert.match(project.stdout, /^Next: migrate-container migrate board --compose-project shop$/m);
});
