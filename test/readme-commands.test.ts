import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { dockerProgram } from "../lab/docker.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import type { CheckpointTaken, Inspection, MigrationResult, Report } from "../src/index.ts";
import type { MoveOverview } from "../src/migration/index.ts";
import { makeBusyboxImage } from "./support/busybox-image.ts";
import { program } from "./support/cli.ts";
import { documentedCommands, readmeCommands } from "./support/command-lines.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { ensureSource } from "./support/surroundings.ts";
import { understood } from "./support/understood.ts";

const container = "lib-commands";
const restored = "lib-commands-restored";
const ran = new Set<string>();
let machine: LabMachine;
let folder: string;
let archive: string;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  await clearAll();
  folder = await mkdtemp(join(tmpdir(), "readme-commands-"));
  archive = join(folder, "web.tar.zst");
  await docker("run", "--detach", "--name", container, await makeBusyboxImage());
});

after(async () => {
  await clearAll();
  await rm(folder, { recursive: true, force: true });
});

async function clearAll(): Promise<void> {
  await removeContainer(container);
  for (const name of [container, restored]) await clear(machine, name);
}

/** Runs the program as a user does, with a journal of its own. @param exitCode that it must end with */
async function run(words: readonly string[], exitCode = 0): Promise<{ readonly stdout: string; readonly stderr: string }> {
  ran.add(words[0] ?? "");
  const result = await execa(program, words, { reject: false, env: { XDG_STATE_HOME: join(folder, "state") } });
  assert.equal(result.exitCode, exitCode, `${words.join(" ")}\n${result.stdout}\n${result.stderr}`);
  return result;
}

async function json<Document>(...words: readonly string[]): Promise<Document> {
  return JSON.parse((await run([...words, "--json"])).stdout) as Document;
}

const there = (): string[] => [machine.target, "--ssh-config", machine.sshConfig];

/** The commands that the program's own help lists. */
async function knownCommands(): Promise<string[]> {
  const { stdout } = await execa(program, ["--help"]);
  const list = stdout.split("\nCommands:\n")[1]?.split("\n\n")[0] ?? "";
  return [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name ?? "");
}

test("check: for people and for programs", async () => {
  const { stdout } = await run(["check", container, ...there()]);
  assert.match(stdout, /resume +ready[\s\S]*lib-commands can be moved to ssh:\/\/x86-lab/);
  const { verdicts } = await json<Report>("check", container, ...there());
  assert.deepEqual([verdicts.resume, verdicts.restore], ["ready", "ready"]);
});

test("checkpoint writes a file, inspect shows what is in it, and the container goes on", async () => {
  const taken = await json<CheckpointTaken>("checkpoint", container, "--output", archive, "--with-image");
  assert.deepEqual([taken.checkpointPath, taken.containerState], [archive, "running"]);
  assert.match((await run(["inspect", archive])).stdout, /busybox/);
  const inspection = await json<Inspection>("inspect", archive);
  assert.equal(inspection.container?.name, container);
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", container), "running");
});

test("compile makes a program of the images in it", async () => {
  const [images, rootfs, output] = [join(folder, "unpacked"), join(folder, "rootfs"), join(folder, "resume")];
  for (const each of [images, rootfs]) await mkdir(each);
  await execa("sh", ["-c", 'zstd -d <"$1" | tar -x -C "$2"', "sh", archive, images]);
  await execa("sh", ["-c", '"$1" export "$2" | tar -x -C "$3"', "sh", dockerProgram, container, rootfs]);
  const words = ["compile", join(images, "images"), "--rootfs", rootfs, "--output", output];
  const { processes, programBytes } = await json<{ processes: number; programBytes: number }>(...words);
  assert.ok(processes >= 1 && programBytes > 1000);
  assert.ok((await readdir(output)).includes("run"));
});

test("setup finds CRIU installed, completion prints a script", async () => {
  assert.equal((await json<{ installed: boolean }>("setup")).installed, false);
  const { stdout } = await run(["completion", "bash"]);
  await execa("bash", ["-n"], { input: stdout });
  assert.match(stdout, /complete .*migrate-container/);
});

test("migrate: a dry run changes nothing; then it is moved", async () => {
  const planned = await json<MigrationResult>("migrate", container, ...there(), "--dry-run");
  assert.equal(planned.status, "planned");
  const names = () => on(machine, "docker ps --all --format '{{.Names}}'");
  assert.ok(!(await names()).split("\n").includes(container));
  const { stdout } = await run(["migrate", container, ...there()]);
  assert.match(stdout, /lib-commands now runs on ssh:\/\/x86-lab/);
  assert.equal(await on(machine, `docker inspect --format '{{.State.Status}}' ${container}`), "running");
  // It was started once, here.
  assert.equal(await on(machine, `docker exec ${container} /busybox cat /starts`), "started");
});

test("history, list and status tell of it; there is nothing to recover or to cancel", async () => {
  assert.match((await run(["history"])).stdout, /migrated .*lib-commands runs on ssh:\/\/x86-lab/);
  assert.deepEqual(await json("list"), { moves: [] });
  assert.equal((await json<MoveOverview>("status", container)).state, "migrated");
  assert.match((await run(["status", container, "--watch"])).stdout, /migrated/);
  assert.deepEqual(await json("recover"), { moves: [] });
  assert.match((await run(["cancel", container], 1)).stderr, /no move of `lib-commands` is under way/);
});

test("forward says so where nothing was published", async () => {
  assert.match((await run(["forward", container], 2)).stderr, /lib-commands had no published TCP port/);
});

if ((await knownCommands()).includes("restore")) {
  test("restore makes a container of the file", async () => {
    await run(["restore", archive, ...there(), "--name", restored]);
    assert.equal(await on(machine, `docker inspect --format '{{.State.Status}}' ${restored}`), "running");
    assert.equal(await on(machine, `docker exec ${restored} /busybox cat /starts`), "started");
  });
}

test("every command of the program's help is in README's reference, and was run here", async () => {
  const known = (await knownCommands()).toSorted();
  assert.ok(known.length >= 12, known.join());
  const reference = new Set((await readmeCommands()).map(([command = ""]) => command));
  assert.deepEqual(
    known.filter((command) => !reference.has(command)),
    [],
  );
  assert.deepEqual([...ran].toSorted(), known);
});

test("every command line of README's reference, and of docs/cli.md, is understood", async () => {
  const known = await knownCommands();
  const lines = [
    ...(await readmeCommands()),
    ...(await documentedCommands("README.md")),
    ...(await documentedCommands("docs/cli.md")),
  ];
  assert.ok(lines.length >= 30, String(lines.length));
  const unknown = new Set(lines.map(([command = ""]) => command).filter((command) => !known.includes(command)));
  assert.deepEqual([...unknown], []);
  for (const words of lines.filter(([command = ""]) => known.includes(command))) {
    assert.equal(await understood(words), "", words.join(" "));
  }
  assert.match(await understood(["check"]), /missing required argument/);
  assert.match(await understood(["list", "--all"]), /unknown option/);
});
