import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { migrated, planned, readyReport, rolledBack } from "../cli/testing/results.ts";
import { criuForTests } from "../criu/testing/criu.ts";
import { openSandbox } from "../engine/docker/testing/sandbox.ts";
import { MigrationError } from "../errors.ts";
import type { MigrateOptions, MigrationResult } from "../migration/index.ts";
import { Journal } from "../migration/journal/journal.ts";
import { CriuManager } from "./criu-manager.ts";
import { MigrationOrchestrator } from "./migration-orchestrator.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "library-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** An orchestrator whose moves end as told, and what it asked for. */
function orchestratorOf(move: (options: MigrateOptions) => Promise<MigrationResult>) {
  const requests: MigrateOptions[] = [];
  const migrate = async (options: MigrateOptions) => {
    requests.push(options);
    return await move(options);
  };
  return { requests, orchestrator: new MigrationOrchestrator({ log_level: 2 }, { migrate, check: async () => readyReport }) };
}

const asked = { container: "web", target: "ssh://board" };

test("library: a move's result is an outcome, with the configuration's values asked for", async () => {
  const { orchestrator, requests } = orchestratorOf(async ({ dryRun }) => (dryRun === true ? planned : migrated));
  assert.deepEqual(await orchestrator.migrate(asked), { success: true, ...migrated });
  assert.deepEqual(await orchestrator.migrate({ ...asked, dryRun: true }), { success: true, ...planned });
  assert.equal(requests[0]?.configuration?.logLevel, 2);
});

test("library: expected failures are outcomes, defects are thrown", async () => {
  assert.deepEqual(await orchestratorOf(async () => rolledBack).orchestrator.migrate(asked), { success: false, ...rolledBack });
  const error = new MigrationError("target-unreachable", "no route", { host: "ssh://board" });
  const unreachable = orchestratorOf(() => Promise.reject(error)).orchestrator;
  assert.deepEqual(await unreachable.migrate(asked), { success: false, status: "failed", error });
  const broken = orchestratorOf(() => Promise.reject(new TypeError("x is undefined"))).orchestrator;
  await assert.rejects(broken.migrate(asked), TypeError);
});

test("library: events come under their own names and as `event`; a listener that throws disturbs nothing", async (context) => {
  const { orchestrator } = orchestratorOf(async ({ onEvent }) => {
    onEvent?.({ type: "step-started", step: "freeze", atMs: 1, title: "Freezing" });
    onEvent?.({ type: "note", atMs: 2, text: "a note" });
    return migrated;
  });
  const warnings = context.mock.method(process, "emitWarning", () => {});
  const seen: string[] = [];
  orchestrator.on("event", ({ type }) => seen.push(type));
  orchestrator.on("note", ({ text }) => seen.push(text));
  orchestrator.on("step-started", () => {
    throw new Error("the listener's fault");
  });
  assert.equal((await orchestrator.migrate(asked)).success, true);
  assert.deepEqual(seen, ["step-started", "note", "a note"]);
  assert.match(String(warnings.mock.calls[0]?.arguments[0]), /the listener's fault/);
});

test("library: a wrong configuration is an outcome of a move, and is thrown by what has none", async () => {
  const file = join(folder, "wrong.json");
  await writeFile(file, '{\n  "colour": 1\n}');
  const outcome = await new MigrationOrchestrator(file).migrate(asked);
  assert.ok(!outcome.success && outcome.error.code === "config-invalid" && outcome.error.details.line === 2);
  await assert.rejects(new MigrationOrchestrator(file).check({ container: "web" }), { code: "config-invalid" });
  await assert.rejects(new CriuManager({ work_dir: "relative" }).checkCriu(), {
    code: "config-invalid",
    message: /`work_dir` is "relative", not an absolute path/,
  });
});

test("library: a container of this machine's Docker is checked, one that is not there is an error", async () => {
  await using sandbox = await openSandbox();
  const container = sandbox.name();
  await sandbox.run(["sleep", "1000"], { name: container });
  const orchestrator = new MigrationOrchestrator({});
  assert.equal((await orchestrator.check({ container })).verdicts.resume, "ready");
  await assert.rejects(orchestrator.check({ container: "no-such-container" }), { code: "container-not-found" });
  const outcome = await orchestrator.migrate({ container, target: "tcp://nowhere" });
  assert.ok(!outcome.success && outcome.status === "failed" && outcome.error.code === "usage");
});

test("library: CRIU is there, or is not the one that the configuration asks for", async () => {
  const { program, version } = await criuForTests();
  assert.deepEqual(await new CriuManager({}).checkCriu(), { available: true, version, path: program });
  assert.deepEqual(await new CriuManager({ criu_binary: program }).checkCriu(), { available: true, version, path: program });
  assert.deepEqual(await new CriuManager({ criu_binary: join(folder, "criu") }).checkCriu(), { available: false });
});

test("library: an installation that is there is left; one that can't be made is an outcome", async () => {
  const { program, version } = await criuForTests();
  assert.deepEqual(await new CriuManager().install(), { success: true, version, path: program, installed: false });
  const file = join(folder, "file");
  await writeFile(file, "");
  const outcome = await new CriuManager().install({ directory: join(file, "below") });
  assert.ok(!outcome.success && outcome.error.code === "setup-failed");
});

test("library: moves are listed, and an unknown one can be neither looked at, cancelled nor recovered", async (context) => {
  const outside = process.env.XDG_STATE_HOME;
  context.after(() => {
    if (outside === undefined) delete process.env.XDG_STATE_HOME;
    else process.env.XDG_STATE_HOME = outside;
  });
  process.env.XDG_STATE_HOME = folder;
  const orchestrator = new MigrationOrchestrator();
  assert.deepEqual([await orchestrator.list(), await orchestrator.history(), await orchestrator.recover()], [[], [], []]);
  assert.equal(await orchestrator.status("web"), undefined);
  await assert.rejects(orchestrator.cancel("web"), { code: "no-such-move" });
  const journal = await Journal.create("20261101120000-abcdef");
  await journal.write({
    ...{ kind: "begin", operation: "migrate", container: "web", containerId: "c".repeat(64) },
    ...{ startedAt: "2026-11-01T11:00:00Z", target: "ssh://board" },
    ...{ sshConfig: undefined, strategy: "resume", name: "web", leaveSource: "stopped", healthCommand: undefined, tool: "0.1.0" },
    workDirectory: join(folder, "work"),
  });
  await journal[Symbol.asyncDispose]();
  const move = await orchestrator.status("web");
  assert.deepEqual([move?.state, move?.target], ["interrupted", "ssh://board"]);
  assert.deepEqual(
    (await orchestrator.list()).map(({ id }) => id),
    ["20261101120000-abcdef"],
  );
  await assert.rejects(orchestrator.cancel("web"), { code: "no-such-move", remedy: /recover 20261101120000-abcdef/ });
});
