import assert from "node:assert/strict";
import { test } from "node:test";
import { MigrationError } from "../../errors.ts";
import type { RestoreResult } from "../../migration/restore/restore-result.ts";
import type { RestoreRequest } from "../library.ts";
import { blockedReport, readyReport } from "../testing/results.ts";
import { runWith } from "../testing/run-with.ts";

const common = {
  ...{ id: "20261101120000-abcdef", container: "web", name: "web-2", archive: "web.ckpt", target: "ssh://root@board" },
  ...{ strategy: "resume" as const, steps: [], report: readyReport, notes: ["PortBindings=80/tcp was not granted"] },
  figures: { downtimeMs: 0, frozenMs: 0, totalMs: 12_000, bytesSent: 1024, memoryBytes: 2048, fileBytes: 512 },
};
const error = new MigrationError("validation-failed", "port 80 does not answer", { host: "ssh://root@board" });
const restored: RestoreResult = { ...common, status: "restored", targetContainerId: "0123456789abcdef", remains: [] };

const told = (result: RestoreResult, ...words: string[]) =>
  runWith({ restore: async () => result }, ["restore", "web.ckpt", "board", ...words]);

test("restore: options reach the library, and the result is told", async () => {
  const asked: RestoreRequest[] = [];
  const restore = async (request: RestoreRequest) => {
    asked.push(request);
    return restored;
  };
  const words = [
    "restore",
    "web.ckpt",
    "board",
    "--name",
    "web-2",
    "--identity",
    "key.txt",
    "--strategy",
    "resume",
    "--image",
    "web:1",
  ];
  const more = ["--allow", "PortBindings", "--allow", "Binds=/srv:/srv", "--health-cmd", "true", "--timeout", "60", "--dry-run"];
  const { exitCode, stdout } = await runWith({ restore }, [...words, ...more]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /web-2 runs on .*board.*web\.ckpt.*0123456789ab/);
  assert.match(stdout, /PortBindings=80\/tcp was not granted/);
  const [
    { archive, target, name, identityFile, strategy, image, healthCommand, timeoutMs, dryRun, isAllowed } = {} as RestoreRequest,
  ] = asked;
  assert.deepEqual(
    [archive, target, name, identityFile, strategy, image],
    ["web.ckpt", "board", "web-2", "key.txt", "resume", "web:1"],
  );
  assert.deepEqual([healthCommand, timeoutMs, dryRun], [["/bin/sh", "-c", "true"], 60_000, true]);
  const allowed = (field: string, value: string) => isAllowed?.({ field, value });
  assert.deepEqual(
    [allowed("PortBindings", "80/tcp"), allowed("Binds", "/srv:/srv"), allowed("Binds", "/:/")],
    [true, true, false],
  );
});

test("restore: by default it is made on this machine, and nothing is allowed", async () => {
  const asked: RestoreRequest[] = [];
  const restore = async (request: RestoreRequest) => {
    asked.push(request);
    return restored;
  };
  await runWith({ restore }, ["restore", "web.ckpt"]);
  assert.deepEqual([asked[0]?.target, asked[0]?.strategy, asked[0]?.dryRun], ["local", "auto", false]);
  assert.equal(asked[0]?.isAllowed?.({ field: "Privileged", value: "true" }), false);
});

test("restore: what did not come about is told with how things stand; nothing is said of a container here", async () => {
  const undone = await told({ ...common, status: "rolled-back", error, remains: [] });
  assert.equal(undone.exitCode, 4);
  assert.match(undone.stderr, /Not restored, undone: port 80 does not answer/);
  assert.match(undone.stderr, /Nothing is left of it on .*board.*; the archive is as it was/);
  const stuck = await told({ ...common, status: "stuck", error, remains: ["container web-2 on board"] });
  assert.equal(stuck.exitCode, 5);
  assert.match(stuck.stderr, /container web-2 on board[\s\S]*recover 20261101120000-abcdef/);
  const refused = await told({ ...common, strategy: undefined, report: blockedReport, status: "refused", error });
  assert.equal(refused.exitCode, 3);
  assert.match(refused.stderr, /no emulator for x86_64 is registered/);
  for (const { stderr } of [undone, stuck, refused]) assert.doesNotMatch(stderr, /as before|goes on here/);
  const planned = await told({ ...common, status: "planned", plan: ["create the container"] }, "--dry-run");
  assert.equal(planned.exitCode, 0);
  assert.match(planned.stdout, /1\. create the container[\s\S]*Nothing was changed/);
});

test("restore: what an archive asks for can't command a terminal", async () => {
  const { stdout } = await told({ ...restored, notes: ["the archive asks for Binds=\u001b[2J:/x"] });
  assert.match(stdout, /Binds=\ufffd\[2J:\/x/);
});

test("restore: a result with --json is one document", async () => {
  const { stdout } = await told(restored, "--json");
  const { status, name, archive } = JSON.parse(stdout) as { status: string; name: string; archive: string };
  assert.deepEqual([status, name, archive], ["restored", "web-2", "web.ckpt"]);
});
