import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runWith } from "../../cli/testing/run-with.ts";
import { openArchive } from "../archive/open-archive.ts";
import { podmanLayout } from "../testing/foreign-layout.ts";
import { partsOf, zstd } from "../testing/parts.ts";
import { rawTar } from "../testing/raw-tar.ts";
import { counting, type RealArchive, realArchive } from "../testing/real-archive.ts";
import { inspectCheckpoint } from "./inspect.ts";

let folder: string;
let real: RealArchive;
// Listens, and writes to a file.
const busy = `exec 7>/data.txt; echo hello >&7; nc -l -p 8080 -e cat & ${counting[2]}`;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "inspect-"));
  const options = { Env: ["TOKEN=very-secret", "EMPTY="], Cmd: ["sh", "-c", busy] };
  real = await realArchive(folder, {}, options);
});
after(async () => {
  await real?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("inspect: processes, files, sockets, mounts, sizes, source and configuration of an archive", async () => {
  const inspection = await inspectCheckpoint(real.path);
  assert.equal(inspection.format, "migrate-container");
  assert.equal(inspection.source?.architecture, "x86_64");
  assert.match(inspection.source?.engine ?? "", /^docker \d/);
  assert.equal(inspection.container?.id, real.containerId);
  assert.equal(inspection.container?.image, real.sandbox.image);
  assert.deepEqual(inspection.container?.command, ["sh", "-c", busy]);
  const [shell, ...children] = inspection.processes;
  assert.deepEqual([shell?.pid, shell?.name, shell?.state, shell?.executable], [1, "sh", "alive", "/bin/busybox"]);
  assert.deepEqual(shell?.command, ["sh", "-c", busy]);
  assert.ok(children.length >= 2 && children.every(({ parent }) => parent === 1));
  assert.ok(children.some(({ command }) => command?.join(" ") === "sleep 1000"));
  assert.ok((shell?.memory.dumped ?? 0) > 0 && shell!.memory.mapped > shell!.memory.dumped);
  assert.ok(
    inspection.files.some(
      ({ pid, descriptor, name, position }) => pid === 1 && descriptor === 7 && name === "/data.txt" && position === 6,
    ),
  );
  assert.ok(
    inspection.sockets.some(
      ({ protocol, state, local }) => /^tcp/.test(protocol) && state === "listening" && /:8080$/.test(local),
    ),
  );
  assert.ok(inspection.mounts.some(({ path, type }) => path === "/proc" && type === "proc"));
  assert.ok(inspection.members.some(({ path, size }) => path === "upper.tar" && size > 0));
  assert.equal(inspection.totals.processes, inspection.processes.length);
});

test("inspect: values of the environment are told only when they are asked for", async () => {
  const hidden = await inspectCheckpoint(real.path);
  assert.doesNotMatch(JSON.stringify(hidden), /very-secret/);
  assert.ok(hidden.container?.environment.some(({ name }) => name === "TOKEN"));
  assert.ok(hidden.processes[0]?.environment?.some(({ name }) => name === "TOKEN"));
  const told = await inspectCheckpoint(real.path, { secrets: true });
  for (const variables of [told.container?.environment, told.processes[0]?.environment]) {
    assert.ok(variables?.some(({ name, value }) => name === "TOKEN" && value === "very-secret"));
  }
});

test("inspect: a folder of images, and an archive of podman's with the same processes", async () => {
  const own = await inspectCheckpoint(real.path);
  await using archive = await openArchive(real.path);
  const images = await inspectCheckpoint(archive.imagesDirectory);
  assert.equal(images.format, "folder");
  assert.deepEqual(images.processes, own.processes);
  const path = join(folder, "podman.tar.zst");
  await writeFile(path, zstd(rawTar(podmanLayout(await partsOf(real.path)))));
  const foreign = await inspectCheckpoint(path);
  assert.deepEqual(foreign.processes, own.processes);
  assert.deepEqual(foreign.archive?.deletedFiles, ["etc/gone", "var/lib/gone"]);
  assert.deepEqual(foreign.container?.hostRequests, [
    { field: "Binds", value: "/etc/shadow:/etc/passwd" },
    { field: "CapAdd", value: "CAP_SYS_PTRACE" },
    { field: "Devices", value: '{"PathOnHost":"/dev/sda","PathInContainer":"/dev/sda","CgroupPermissions":"rwm"}' },
  ]);
  assert.doesNotMatch(JSON.stringify(foreign), /TOKEN=secret|"secret"/);
});

test("inspect: the command shows it as tables, by section, or as JSON", async () => {
  const { exitCode, stdout } = await runWith({}, ["inspect", real.path]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^Checkpoint\n {2}file +\S+: archive of migrate-container, [\d.]+ [KM]iB, compressed with zstd\n/);
  assert.match(stdout, /\n {2}PID {2}THREADS +MEMORY {2}NAME +COMMAND\n +1 +1 +[\d.]+ KiB {2}sh +sh -c /);
  assert.match(stdout, /tcp6? +listening +\S+:8080/);
  assert.doesNotMatch(stdout, /Mounts/);
  const all = await runWith({}, ["inspect", real.path, "--show", "all", "--secrets"]);
  for (const title of ["Mounts", "Open files", "Members", "Environment"]) assert.ok(all.stdout.includes(`\n${title}\n`), title);
  assert.match(all.stdout, /TOKEN=very-secret/);
  const members = await runWith({}, ["inspect", real.path, "--show", "members"]);
  assert.match(members.stdout, /^Members\n {2} +SIZE {2}MEMBER\n/);
  const json = await runWith({}, ["inspect", real.path, "--json"]);
  assert.equal(JSON.parse(json.stdout).totals.processes, (await inspectCheckpoint(real.path)).totals.processes);
});

test("inspect: wrong usage and what isn't sound", async () => {
  assert.equal((await runWith({}, ["inspect", real.path, "--show", "nonsense"])).exitCode, 2);
  const missing = await runWith({}, ["inspect", join(folder, "missing")]);
  assert.deepEqual([missing.exitCode, /ENOENT/.test(missing.stderr)], [2, true]);
  const path = join(folder, "text");
  await writeFile(path, "no archive");
  const refused = await runWith({}, ["inspect", path, "--json"]);
  assert.equal(refused.exitCode, 1);
  const { error } = JSON.parse(refused.stdout) as { error: { code: string; details: { reason: string } } };
  assert.deepEqual([error.code, error.details.reason], ["archive-refused", "not-an-archive"]);
});
