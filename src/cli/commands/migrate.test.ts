import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../../errors.ts";
import type { GroupResult } from "../../migration/index.ts";
import type { MigrationResult } from "../../migration/result.ts";
import type { MigrateGroupRequest, MigrateRequest } from "../library.ts";
import { migrated, planned, refused, rolledBack, stuck } from "../testing/results.ts";
import { runWith } from "../testing/run-with.ts";

function ending(result: MigrationResult) {
  return { migrate: async () => result };
}

async function requestOf(parameters: readonly string[]): Promise<Omit<MigrateRequest, "signal" | "onEvent">> {
  let seen: MigrateRequest | undefined;
  const migrate = async (request: MigrateRequest) => {
    seen = request;
    return migrated;
  };
  const readConfiguration = async ({ file }: { file?: string | undefined } = {}) => ({ file, defaultOptions: {} });
  const { exitCode, stderr } = await runWith({ migrate, readConfiguration }, ["migrate", ...parameters]);
  assert.equal(exitCode, 0, stderr);
  assert.ok(seen?.signal instanceof AbortSignal);
  const { signal: _signal, onEvent: _onEvent, ...request } = seen;
  return request;
}

test("by default it asks for no more than container and target", async () => {
  assert.deepEqual(await requestOf(["web", "ssh://board"]), {
    container: "web",
    ...{ source: "local", target: "ssh://board" },
    ...{ leaveSource: "stopped", strategy: "auto", preserveNetworking: true, preserveVolumes: true, rollback: true },
    transfer: { compression: "auto", bytesPerSecond: undefined, reconnectMs: 60_000 },
    dryRun: false,
    configuration: { file: undefined, defaultOptions: {} },
  });
});

test("every option reaches the library, the health command by way of a shell", async () => {
  const options = [
    ...["--from", "adb:phone"],
    "--name",
    "web2",
    "--leave-source",
    "removed",
    "--health-cmd",
    "ping | grep x",
    "--timeout",
    "1.5",
    "--ssh-config",
    "c",
    "--config",
    "own.json",
    "--dry-run",
    ...["--strategy", "replatform", "--image", "web:arm64", "--image-archive", "a.tar"],
    ...["--hook-before", "save", "--hook-after", "load"],
    ...["--network", "shop=front", "--network", "bridge=back", "--publish", "8080:80", "--publish", "[::1]:53:5353/udp"],
    ...[
      "--bind",
      "/here=/there",
      "--bind-exists",
      "/etc/zone",
      "--copy-shared",
      "--device",
      "/dev/a=/dev/b",
      "--device",
      "/dev/c=/dev/c",
    ],
    ...["--no-preserve-networking", "--no-preserve-volumes", "--no-rollback", "--yes"],
    ...["--compression", "gzip", "--bwlimit", "1.5M", "--reconnect", "5"],
  ];
  assert.deepEqual(await requestOf(["web", "ssh://board", ...options]), {
    container: "web",
    ...{ source: "adb:phone", target: "ssh://board" },
    name: "web2",
    leaveSource: "removed",
    healthCommand: ["/bin/sh", "-c", "ping | grep x"],
    timeoutMs: 1500,
    sshConfig: "c",
    ...{ strategy: "replatform", image: "web:arm64", imageArchive: "a.tar" },
    hookBefore: ["/bin/sh", "-c", "save"],
    hookAfter: ["/bin/sh", "-c", "load"],
    networks: { shop: "front", bridge: "back" },
    publish: [
      { port: "80/tcp", hostPort: 8080, address: "" },
      { port: "5353/udp", hostPort: 53, address: "::1" },
    ],
    ...{
      binds: { "/here": "/there" },
      bindsThere: ["/etc/zone"],
      copyShared: true,
      devices: { "/dev/a": "/dev/b", "/dev/c": "/dev/c" },
    },
    ...{ preserveNetworking: false, preserveVolumes: false, rollback: false },
    transfer: { compression: "gzip", bytesPerSecond: 1.5 * 2 ** 20, reconnectMs: 5000 },
    dryRun: true,
    configuration: { file: "own.json", defaultOptions: {} },
  });
});

test("a network has an old and a new name, a port two numbers, a device two paths", async () => {
  for (const [option, value, words] of [
    ["--network", "front", /OLD=NEW/],
    ["--network", "=front", /OLD=NEW/],
    ["--publish", "80", /8080:80/],
    ["--publish", "0:80", /65535/],
    ["--publish", "80:65536", /65535/],
    ["--publish", "name:80:80", /8080:80/],
    ["--device", "/dev/fuse", /here=\/there/],
    ["--device", "/dev/fuse=fuse", /here=\/there/],
  ] as const) {
    const { exitCode, stderr } = await runWith(ending(migrated), ["migrate", "web", "board", option, value]);
    assert.equal(exitCode, 2, value);
    assert.match(stderr, words);
  }
});

test("a rate has a unit as rsync's has, and is above 0", async () => {
  const rateOf = async (text: string) => (await requestOf(["web", "board", "--bwlimit", text])).transfer?.bytesPerSecond;
  assert.deepEqual(await Promise.all(["1", "500k", "2MiB/s", "1g"].map(rateOf)), [2 ** 10, 500 * 2 ** 10, 2 * 2 ** 20, 2 ** 30]);
  for (const text of ["0", "fast", "-1", "0.0001"]) {
    const { exitCode, stderr } = await runWith(ending(migrated), ["migrate", "web", "board", "--bwlimit", text]);
    assert.equal(exitCode, 2, text);
    assert.match(stderr, /500K or 10M/);
  }
});

test("the SSH configuration of the environment is left to the library; the option is handed on", async (context) => {
  process.env.MIGRATE_CONTAINER_SSH_CONFIG = "/from/environment";
  context.after(() => {
    delete process.env.MIGRATE_CONTAINER_SSH_CONFIG;
  });
  assert.equal((await requestOf(["web", "ssh://board"])).sshConfig, undefined);
  assert.equal((await requestOf(["web", "ssh://board", "--ssh-config", "mine"])).sshConfig, "mine");
});

test("success is summed up on standard output", async () => {
  const { exitCode, stdout, stderr } = await runWith(ending(migrated), ["migrate", "web", "ssh://root@board"]);
  assert.equal(exitCode, 0);
  assert.equal(stderr, "");
  assert.equal(
    stdout,
    `✔ web now runs on ssh://root@board (container 0123456789ab)
  Downtime  4.20 s, from the freeze until it ran on the target
  Frozen    0.42 s, while it was dumped
  Total     1 min 03 s
  Sent      50.0 MiB at 10.0 MiB/s
  Memory    45.0 MiB

Notes
  • TCP connections were reset

Warnings
  ⚠ the clocks differ by 12 s  (target.clock, ssh://root@board)
    Why: The program would see time jump.

The container it was on this machine is stopped. Don't start it again: it would be a second one, in its state of its last start.
Remove it when you are content: docker rm web
`,
  );
});

test("another name on the target and a removed source are told", async () => {
  const { stdout } = await runWith(ending(migrated), [
    "migrate",
    "web",
    "ssh://root@board",
    "--name",
    "web2",
    "--leave-source",
    "removed",
  ]);
  assert.match(stdout, /web now runs on ssh:\/\/root@board as web2/);
  assert.match(stdout, /The container it was on this machine is removed\.\n$/);
  assert.doesNotMatch(stdout, /docker rm/);
});

test("a rollback says what failed, where, why, what to do, and that the container runs on", async () => {
  const { exitCode, stdout, stderr } = await runWith(ending(rolledBack), ["migrate", "web", "ssh://root@board"]);
  assert.equal(exitCode, 4);
  assert.equal(stdout, "");
  assert.equal(
    stderr,
    `✖ Not migrated, rolled back: the program ended with SIGILL
  Machine: ssh://root@board
  Cause: exit status 132
  Remedy: Use a target with the same processor features.
  Code: resume-failed (docs/errors.md)
  State: web runs on this machine as before; nothing is left on ssh://root@board.

Notes
  • TCP connections were reset
`,
  );
});

test("a move that is not complete says what is left, and ends with 5", async () => {
  const result = { ...migrated, remains: ["web here stays frozen"] } as MigrationResult;
  const { exitCode, stdout } = await runWith(ending(result), ["migrate", "web", "ssh://root@board"]);
  assert.equal(exitCode, 5);
  assert.match(stdout, /✖ The move is not complete:\n {2}web here stays frozen\nNext: migrate-container recover 2026/);
  assert.doesNotMatch(stdout, /docker rm/);
});

test("what a rollback could not remove is named", async () => {
  const result: MigrationResult = { ...rolledBack, status: "rolled-back", remains: ["folder /x on board"] } as MigrationResult;
  const { stderr } = await runWith(ending(result), ["migrate", "web", "ssh://root@board"]);
  assert.match(
    stderr,
    /State: web runs on this machine as before, but this is left:\n {9}folder \/x on board\n {9}When the cause is mended: migrate-container recover 2026/,
  );
});

test("--verbose adds details and stack", async () => {
  const { stderr } = await runWith(ending(rolledBack), ["migrate", "web", "ssh://root@board", "--verbose"]);
  assert.match(stderr, /Details: \{ signal: 4n \}/);
  assert.match(stderr, /Stack: MigrationError: the program ended with SIGILL\n {9} +at /);
});

test("a refusal shows the blockers and that nothing was changed", async () => {
  const { exitCode, stderr } = await runWith(ending(refused), ["migrate", "web", "ssh://root@board"]);
  assert.equal(exitCode, 3);
  assert.equal(
    stderr,
    `Blockers
  ✖ no emulator for x86_64 is registered  (target.emulator, ssh://root@board)
    Why: The target's processor can't run the program's instructions itself.
    Remedy: Install qemu-user-static there.

✖ Refused: web can't be moved to ssh://root@board
  Nothing was changed, neither here nor on ssh://root@board.
`,
  );
});

test("a stuck rollback names what is left", async () => {
  const { exitCode, stderr } = await runWith(ending(stuck), ["migrate", "web", "ssh://root@board"]);
  assert.equal(exitCode, 5);
  assert.match(
    stderr,
    /State: This is left:\n {9}container web on ssh:\/\/root@board\n {9}When the cause is mended: migrate-container recover 2026/,
  );
});

test("a dry run shows the plan and the command line that carries it out", async () => {
  const { exitCode, stdout } = await runWith(ending(planned), [
    ...["migrate", "web", "ssh://root@board", "--dry-run", "--health-cmd", "test -e /it's", "--timeout", "60"],
  ]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /What would be done\n {3}1\. send the image\n {3}2\. freeze web here\n/);
  assert.match(
    stdout,
    /Nothing was changed\. To do it:\n {2}migrate-container migrate web ssh:\/\/root@board --health-cmd 'test -e \/it'\\''s' --timeout 60\n$/,
  );
});

for (const result of [migrated, planned, refused, rolledBack, stuck]) {
  test(`with --json, ${result.status} is one document on standard output, and events are lines on standard error`, async () => {
    const migrate = async ({ onEvent }: MigrateRequest) => {
      onEvent?.({ type: "step-started", step: "freeze", atMs: 1, title: "Freeze" });
      onEvent?.({ type: "note", atMs: 2, text: "two\nlines" });
      return result;
    };
    const { stdout, stderr } = await runWith({ migrate }, ["migrate", "web", "ssh://root@board", "--json"]);
    const document = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(document.status, result.status);
    assert.equal(document.container, "web");
    if ("error" in result) assert.equal((document.error as Record<string, unknown>).code, result.error.code);
    const events = stderr.trimEnd().split("\n");
    assert.deepEqual(
      events.map((line) => (JSON.parse(line) as { type: string }).type),
      ["step-started", "note"],
    );
  });
}

test("what is thrown before the begin says that nothing was changed", async () => {
  const migrate = async () => {
    throw new MigrationError("target-unreachable", "ssh://root@board refused the connection", { host: "ssh://root@board" });
  };
  const { exitCode, stdout, stderr } = await runWith({ migrate }, ["migrate", "web", "ssh://root@board"]);
  assert.equal(exitCode, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^✖ Not migrated: ssh:\/\/root@board refused the connection\n/);
  assert.match(stderr, /State: Nothing was changed\.\n$/);

  const json = await runWith({ migrate }, ["migrate", "web", "ssh://root@board", "--json"]);
  assert.equal(json.exitCode, 1);
  assert.equal(json.stderr, "");
  assert.deepEqual(JSON.parse(json.stdout), {
    status: "failed",
    error: {
      code: "target-unreachable",
      message: "ssh://root@board refused the connection",
      host: "ssh://root@board",
      details: {},
    },
  });
});

test("a defect in the midst of a move is called one, and says what may be left", async () => {
  const migrate = async ({ onEvent }: MigrateRequest) => {
    onEvent?.({ type: "step-started", step: "dump", atMs: 1, title: "Dump" });
    throw new TypeError("x is not a function");
  };
  const { exitCode, stderr } = await runWith({ migrate }, ["migrate", "web", "ssh://root@board"]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /✖ Not migrated: x is not a function\n {2}Remedy: This is a defect/);
  assert.match(stderr, /web may be frozen here\.\n[\s\S]*Run this now: migrate-container recover web/);
});

test("a loss is asked about before it happens, and a no changes nothing", async () => {
  const asked: string[] = [];
  let moves = 0;
  const migrate = async () => {
    moves++;
    return migrated;
  };
  const run = (answer: boolean, ...options: readonly string[]) =>
    runWith({ migrate }, ["migrate", "web", "ssh://board", ...options], {}, async (question) => {
      asked.push(question);
      return answer;
    });
  assert.equal((await run(false, "--strategy", "replatform")).exitCode, 3);
  assert.equal((await run(false, "--leave-source", "removed")).exitCode, 3);
  assert.equal(moves, 0);
  assert.match(asked[0] ?? "", /its memory is lost/);
  assert.match(asked[1] ?? "", /removed here/);
  assert.equal((await run(true, "--strategy", "replatform")).exitCode, 0);
  assert.equal((await run(false, "--strategy", "replatform", "--yes")).exitCode, 0);
  assert.equal((await run(false)).exitCode, 0);
  assert.equal(moves, 3);
  assert.equal(asked.length, 3);
});

const both = { ...migrated, container: "redis", notes: ["it is slow"] };

test("several containers, or a project of docker compose, are moved together; the last word is the target", async () => {
  const seen: unknown[] = [];
  const migrateGroup = async ({ containers, composeProject, target }: MigrateGroupRequest): Promise<GroupResult> => {
    seen.push({ containers, composeProject, target });
    return { status: "migrated", members: [migrated, both] };
  };
  const { exitCode, stdout } = await runWith({ migrateGroup }, ["migrate", "web", "redis", "ssh://board"]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /web now runs on .*\n.*redis now runs on .*\n {2}Downtime/);
  assert.match(stdout, /redis: it is slow/);
  assert.match(stdout, /docker rm web redis$/m);
  const { stdout: json } = await runWith({ migrateGroup }, ["migrate", "--compose-project", "shop", "ssh://board", "--json"]);
  assert.deepEqual(
    JSON.parse(json).members.map(({ container }: MigrationResult) => container),
    ["web", "redis"],
  );
  assert.deepEqual(seen, [
    { containers: ["web", "redis"], composeProject: undefined, target: "ssh://board" },
    { containers: undefined, composeProject: "shop", target: "ssh://board" },
  ]);
});

test("several containers that were rolled back, refused or only planned are told of as one", async () => {
  const ended = (result: MigrationResult) => ({
    migrateGroup: async (): Promise<GroupResult> => ({
      status: result.status,
      members: [result, { ...result, container: "redis" }],
    }),
  });
  const run = (result: MigrationResult, ...more: string[]) =>
    runWith(ended(result), ["migrate", "web", "redis", "board", ...more]);
  const undone = await run(rolledBack);
  assert.deepEqual([undone.exitCode, undone.stderr.match(/web, redis run on this machine as before/g)?.length], [4, 1]);
  const blocked = await run(refused);
  assert.equal(blocked.exitCode, 3);
  assert.match(blocked.stderr, /Refused: web, redis can't be moved to/);
  const told = await run(planned, "--dry-run");
  assert.match(told.stdout, /What would be done with web, together[\s\S]*What would be done with redis, together/);
  assert.match(told.stdout, /^ {2}migrate-container migrate web redis board$/m);
  const forwarded = await run(rolledBack, "--forward");
  assert.deepEqual([forwarded.exitCode, /--forward can't be given/.test(forwarded.stderr)], [2, true]);
});
