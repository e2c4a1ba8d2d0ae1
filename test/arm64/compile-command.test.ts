import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { execa } from "execa";
import { ensureArm64Machine } from "../../lab/machines.ts";
import { dump } from "../../src/resume/testing/carry.ts";
import { eventually } from "../../src/resume/testing/eventually.ts";
import { RuncContainer } from "../../src/resume/testing/runc-container.ts";
import { on } from "../support/machine.ts";

const root = join(import.meta.dirname, "../..");
const folder = await mkdtemp(join(tmpdir(), "compile-command-"));
after(() => rm(folder, { recursive: true, force: true }));

/** Counts in memory and in a file, in a process that its parent reads from. */
const script = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done | while read n; do echo $n >>/tmp/ticks; done";
const images = join(folder, "images");
const rootfs = join(folder, "rootfs");

test("compile: a checkpoint made with runc becomes a folder that an OCI runtime can run", async () => {
  await using source = await RuncContainer.create({
    arguments: ["/bin/busybox", "sh", "-c", script],
    hostPrograms: false,
    emptyRoot: true,
  });
  for (const name of ["bin", "dev", "proc", "sys", "tmp"]) await mkdir(join(source.root, name), { recursive: true });
  await cp("/bin/busybox", join(source.root, "bin/busybox"));
  await source.start();
  await eventually("some ticks", async () => (await ticks(source.root)).length > 5);
  await source.pause();
  await dump(source);
  await execa("cp", ["--archive", source.path("images"), images]);
  await execa("cp", ["--archive", source.root, rootfs]);
  for (const [architecture, output] of [
    ["x86_64", "native"],
    ["aarch64", "emulated"],
  ] as const) {
    const words = ["compile", images, "--rootfs", rootfs, "--output", join(folder, output), "--target-arch", architecture];
    const { stdout } = await execa(join(root, "bin/migrate-container"), [...words, "--json"]);
    const { processes, dataFiles } = JSON.parse(stdout) as { processes: number; dataFiles: string[] };
    assert.ok(processes >= 3, `${processes} processes`);
    assert.ok(dataFiles.includes("pages-1.img"));
    assert.match(await readFile(join(folder, output, "README"), "utf8"), /busybox/);
  }
});

test("compile: the folder resumes natively, once", async () => {
  const copy = join(folder, "native-rootfs");
  await execa("cp", ["--archive", rootfs, copy]);
  const before = await ticks(copy);
  const id = `compile-command-${process.pid}`;
  const environment = { ...process.env, RUNTIME: "runc", CLOCKS: "unshare" };
  const run = spawn("./run", [copy, id], { cwd: join(folder, "native"), env: environment, stdio: "ignore" });
  try {
    await eventually("more ticks", async () => (await ticks(copy)).length > before.length + 5);
    await checkTicks(copy);
    await assert.rejects(execa("./run", [copy, "again"], { cwd: join(folder, "native") }), /resumed once/);
  } finally {
    await execa("bundle/runtime", ["delete", "--force", id], { cwd: join(folder, "native"), reject: false });
    run.kill();
  }
});

test("compile: the folder resumes on ARM64", async () => {
  const machine = await ensureArm64Machine();
  const there = "/var/tmp/compile-command";
  await on(machine, `crun delete --force compiled 2>/dev/null; rm -rf ${there}; mkdir ${there}`);
  // Piped at once: what a stream gives before that is lost.
  const archive = execa("tar", ["--create", "--numeric-owner", "--file", "-", "--directory", folder, "emulated", "rootfs"], {
    buffer: false,
  });
  await archive.pipe("ssh", ["-F", machine.sshConfig, machine.name, `tar -x -p -C ${there}`]);
  await on(machine, `cd ${there}/emulated && (setsid ./run ../rootfs compiled </dev/null >../output 2>&1 &)`);
  try {
    const before = (await ticks(rootfs)).length;
    await on(
      machine,
      `for i in $(seq 100); do [ $(wc -l <${there}/rootfs/tmp/ticks) -gt ${before + 5} ] && exit; sleep 0.2; done`,
    );
    await mkdir(join(folder, "back/tmp"), { recursive: true });
    await writeFile(join(folder, "back/tmp/ticks"), `${await on(machine, `cat ${there}/rootfs/tmp/ticks ${there}/output`)}\n`);
    assert.ok((await ticks(join(folder, "back"))).length > before + 5, await on(machine, `cat ${there}/output`));
    await checkTicks(join(folder, "back"));
  } finally {
    await on(machine, `crun delete --force compiled; rm -rf ${there}`);
  }
});

async function ticks(where: string): Promise<number[]> {
  const text = await readFile(join(where, "tmp/ticks"), "utf8").catch(() => "");
  return text.split("\n").slice(0, -1).map(Number);
}

/** No number is missing, none comes twice. */
async function checkTicks(where: string): Promise<void> {
  const found = await ticks(where);
  assert.deepEqual(
    found,
    found.map((_, index) => index + 1),
  );
}
