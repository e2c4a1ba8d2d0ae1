import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

const repository = fileURLToPath(new URL("../..", import.meta.url));

// What an old Node.js differs in for the launcher.
const asOldNode = ["--import", 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"18.20.8"})'];

/** An installed package whose program is the given one, with or without the npm package `node` beside it. */
async function packageWith(context: TestContext, program: string, hasNode: boolean): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "launcher-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  const launcher = join(directory, "bin", "migrate-container");
  const main = join(directory, "dist", "cli", "main.js");
  await mkdir(dirname(launcher));
  await mkdir(dirname(main), { recursive: true });
  await copyFile(join(repository, "bin", "migrate-container"), launcher);
  await writeFile(join(directory, "package.json"), '{"type":"module"}');
  await writeFile(main, program);
  if (hasNode) {
    await mkdir(join(directory, "node_modules"));
    await symlink(join(repository, "node_modules", "node"), join(directory, "node_modules", "node"));
  }
  return launcher;
}

const options = { reject: false, timeout: 20_000 } as const;

test("what was built is run, with its arguments and exit status", async (context) => {
  const launcher = await packageWith(context, "console.log(...process.argv.slice(2)); process.exitCode = 7;", false);
  const { exitCode, stdout } = await execa(process.execPath, [launcher, "a b", "--c"], options);
  assert.deepEqual([exitCode, stdout], [7, "a b --c"]);
});

test("an old Node.js hands over to the npm package's", async (context) => {
  const program = "console.log(process.versions.node, ...process.argv.slice(2)); process.exitCode = 7;";
  const launcher = await packageWith(context, program, true);
  const { exitCode, stdout } = await execa(process.execPath, [...asOldNode, launcher, "a b"], options);
  assert.equal(exitCode, 7);
  assert.match(stdout, /^(2[4-9]|[3-9]\d)\.\d+\.\d+ a b$/);
});

test("signals reach the program behind an old Node.js, which may ignore them", async (context) => {
  const program = 'process.on("SIGTERM", () => process.exit(9)); setTimeout(() => {}, 20_000); console.log("ready");';
  const launcher = await packageWith(context, program, true);
  const child = execa(process.execPath, [...asOldNode, launcher], options);
  child.stdout.once("data", () => child.kill("SIGTERM"));
  assert.equal((await child).exitCode, 9);
});

test("a program that a signal ended makes the launcher end so too", async (context) => {
  const launcher = await packageWith(context, 'process.kill(process.pid, "SIGKILL");', true);
  assert.equal((await execa(process.execPath, [...asOldNode, launcher], options)).signal, "SIGKILL");
});

test("an old Node.js alone says which one is needed and where to get it", async (context) => {
  const launcher = await packageWith(context, "console.log('ran');", false);
  const { exitCode, stdout, stderr } = await execa(process.execPath, [...asOldNode, launcher], options);
  assert.deepEqual([exitCode, stdout], [1, ""]);
  assert.match(stderr, /needs Node\.js 24 or later[\s\S]*https:\/\/nodejs\.org[\s\S]*npm install node@24/);
});

for (const hasNode of [false, true]) {
  test(`criu-setup is setup by another name${hasNode ? ", on an old Node.js too" : ""}`, async (context) => {
    const launcher = await packageWith(context, "console.log(...process.argv.slice(2));", hasNode);
    const criuSetup = join(dirname(launcher), "criu-setup");
    await copyFile(join(repository, "bin", "criu-setup"), criuSetup);
    const { stdout } = await execa(process.execPath, [...(hasNode ? asOldNode : []), criuSetup, "ssh://board", "--yes"], options);
    assert.equal(stdout, "setup ssh://board --yes");
  });
}
