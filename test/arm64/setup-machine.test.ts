import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ensureArm64Machine, type LabMachine } from "../../lab/machines.ts";
import { kernelOptions } from "../../src/kernel/options.ts";
import type { TestResult } from "../../src/setup/test-machine.ts";
import { rowOf, runCriuSetup } from "../support/criu-setup.ts";
import { on, removeEmulator } from "../support/machine.ts";
import { removeDocker, stopDocker } from "../support/stopped-docker.ts";

let machine: LabMachine;

/** All that `setup` or a trial could change or leave on the machine. */
function state(): Promise<string> {
  return on(
    machine,
    `find /var/lib/migrate-container* /etc/binfmt.d /etc/init.d -printf '%p %m %s %T@\\n' 2>/dev/null | sort
     ls /proc/sys/fs/binfmt_misc
     pidof dockerd
     ls /sys/fs/cgroup /run/crun /run/runc 2>/dev/null | grep trial
     true`,
  );
}

const cleanUp = `rm -rf /var/lib/migrate-container
entry=/proc/sys/fs/binfmt_misc/migrate-container-x86_64
[ ! -e $entry ] || echo -1 >$entry`;

before(async () => {
  machine = await ensureArm64Machine();
  await on(machine, cleanUp);
});

after(async () => {
  await on(machine, cleanUp);
});

test("without --yes, and with nobody to ask, setup says what it would do and changes nothing", async () => {
  const untouched = await state();
  const { exitCode, stdout, stderr } = await runCriuSetup(machine);
  assert.equal(exitCode, 2, stderr);
  assert.match(rowOf(stdout, "CRIU").line, /→ CRIU +no CRIU 4\.2/);
  assert.match(rowOf(stdout, "CRIU").remedy, /Will: put CRIU .* into \/var\/lib\/migrate-container\/criu$/);
  assert.match(stderr, /Nothing was changed: run it with --yes/);
  assert.equal(await state(), untouched);
});

test("a machine is prepared; a second run changes nothing; then all of it works, and no trial leaves anything", async () => {
  const lacking = await runCriuSetup(machine, "--test-only");
  assert.equal(lacking.exitCode, 3, lacking.stdout + lacking.stderr);
  assert.match(rowOf(lacking.stdout, "CRIU").remedy, /Remedy: `migrate-container setup ssh:\/\/arm64-lab` will put CRIU/);
  assert.match(rowOf(lacking.stdout, "Dump and restore").line, /not tried: there is no CRIU/);

  const first = await runCriuSetup(machine, "--yes");
  assert.equal(first.exitCode, 0, first.stdout + first.stderr);
  assert.match(first.stdout, /is prepared: put right: folders, criu\.$/);
  const prepared = await state();
  const second = await runCriuSetup(machine, "--yes");
  assert.equal(second.exitCode, 0, second.stdout + second.stderr);
  assert.match(second.stdout, /is prepared: nothing had to be done\.$/);

  const { exitCode, stdout, stderr } = await runCriuSetup(machine, "--test-only", "--json");
  assert.equal(exitCode, 0, stdout + stderr);
  const { works, items, trials } = JSON.parse(stdout) as TestResult;
  assert.equal(works, true);
  assert.deepEqual(
    [...items, ...trials].map(({ name, state }) => `${name}: ${state}`),
    [
      ...["access: good", "kernel: good", "page-size: good", "address-space: good", "kernel-options: limited", "tools: good"],
      ...["engine: good", "runtime: good", "folders: good", "criu: good", "emulator: good", "emulator-at-boot: limited"],
      ...["space: good", "criu-check: good", "dump-and-restore: good", "resume: good"],
    ],
  );
  assert.equal(await state(), prepared);
});

test("without an emulator in binfmt_misc: the remedy is setup, which sends and registers one that works", async () => {
  await using _emulator = await removeEmulator(machine);
  const lacking = await runCriuSetup(machine, "--test-only");
  assert.equal(lacking.exitCode, 3, lacking.stdout + lacking.stderr);
  assert.match(rowOf(lacking.stdout, "x86_64 emulator").line, /✖ .* no emulator for x86_64 programs is registered$/);
  assert.match(rowOf(lacking.stdout, "x86_64 emulator").remedy, /setup ssh:\/\/arm64-lab` will put QEMU's .* with the flag F/);
  assert.match(rowOf(lacking.stdout, "Resume from here").line, /not tried: x86_64 programs don't run there$/);
  assert.match(lacking.stdout, /✖ 1 of \d+ does not work on ssh:\/\/arm64-lab\.$/);

  const first = await runCriuSetup(machine, "--yes");
  assert.equal(first.exitCode, 0, first.stdout + first.stderr);
  assert.match(first.stdout, /put right: emulator\.$/);
  const entry = await on(machine, "cat /proc/sys/fs/binfmt_misc/migrate-container-x86_64");
  assert.match(entry, /^interpreter \/var\/lib\/migrate-container\/emulator\/qemu-x86_64-static$/m);
  assert.match(entry, /^flags: .*F/m);

  const prepared = await state();
  const second = await runCriuSetup(machine, "--yes");
  assert.match(second.stdout + second.stderr, /nothing had to be done\.$/m);
  const works = await runCriuSetup(machine, "--test-only");
  assert.equal(works.exitCode, 0, works.stdout + works.stderr);
  assert.match(rowOf(works.stdout, "Resume from here").line, /✔ .* a container dumped here at tick \d+ went on there to \d+$/);
  assert.equal(await state(), prepared);
  await on(machine, "echo -1 >/proc/sys/fs/binfmt_misc/migrate-container-x86_64");
});

test("without Docker, and without apt: the remedy is to install it, and setup changes nothing", async () => {
  await using _docker = await removeDocker(machine);
  const untouched = await state();
  const lacking = await runCriuSetup(machine, "--test-only");
  assert.equal(lacking.exitCode, 3, lacking.stdout + lacking.stderr);
  assert.match(rowOf(lacking.stdout, "Docker").line, /✖ Docker +no Docker answers, and no dockerd is installed$/);
  assert.match(rowOf(lacking.stdout, "Docker").remedy, /Remedy: Install Docker there/);
  const run = await runCriuSetup(machine, "--yes");
  assert.equal(run.exitCode, 3, run.stdout + run.stderr);
  assert.match(run.stdout, /✖ ssh:\/\/arm64-lab is not ready yet \(nothing had to be done\): Docker\.$/);
  assert.equal(await state(), untouched);
});

test("a Docker that is stopped is started; a second run changes nothing", async () => {
  await using _docker = await stopDocker(machine);
  const lacking = await runCriuSetup(machine, "--test-only");
  assert.equal(lacking.exitCode, 3, lacking.stdout + lacking.stderr);
  assert.match(rowOf(lacking.stdout, "Docker").line, /✖ Docker +Docker is installed but does not answer$/);
  assert.match(rowOf(lacking.stdout, "Docker").remedy, /setup ssh:\/\/arm64-lab` will start it \(\/etc\/init\.d\/docker start\)/);
  const first = await runCriuSetup(machine, "--yes");
  assert.equal(first.exitCode, 0, first.stdout + first.stderr);
  assert.match(first.stdout, /put right: engine[,.]/);
  const prepared = await state();
  const second = await runCriuSetup(machine, "--yes");
  assert.match(second.stdout + second.stderr, /nothing had to be done\.$/m);
  assert.equal(await state(), prepared);
});

test("a kernel that lacks options: each is told with its reason, and the fragment has just them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kernel-config-"));
  try {
    const file = join(folder, "config");
    const lines = kernelOptions.map(({ name }) =>
      ["VETH", "TUN"].includes(name) ? `# CONFIG_${name} is not set` : `CONFIG_${name}=y`,
    );
    await writeFile(file, lines.join("\n"));
    const { exitCode, stdout, stderr } = await runCriuSetup(machine, "--test-only", "--kernel-config", file);
    assert.equal(exitCode, 3, stdout + stderr);
    const { line, remedy } = rowOf(stdout, "Kernel options");
    assert.match(line, /✖ .* 2 of \d+ are not in .*\/config: CONFIG_VETH, CONFIG_TUN$/);
    assert.match(remedy, /`migrate-container setup ssh:\/\/arm64-lab --kernel-fragment` prints what to add/);
    assert.match(remedy, /CONFIG_VETH \(docker\): the cable between a container and the bridge/);

    const fragment = await runCriuSetup(machine, "--kernel-fragment", "--kernel-config", file);
    assert.equal(fragment.exitCode, 0);
    assert.deepEqual(fragment.stdout.match(/^CONFIG_.*$/gm), ["CONFIG_VETH=y", "CONFIG_TUN=y"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
