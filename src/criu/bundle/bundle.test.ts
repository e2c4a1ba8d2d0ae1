import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { defaultBundleDirectory, ownArchitecture } from "./bundle.ts";
import { findCriu, requireCriu } from "./find-criu.ts";
import { type CriuBundle, installCriuBundle } from "./install-bundle.ts";
import { isRecentEnough, parseCriuVersion } from "./version.ts";
import { layouts } from "./wrapper.ts";

const run = promisify(execFile);

let folder: string;
let bundle: CriuBundle;
const progress: string[] = [];

before(async () => {
  // A space in the path, as a home folder may have one.
  folder = join(await mkdtemp(join(tmpdir(), "criu-bundle-")), "a folder");
  bundle = await installCriuBundle({ directory: join(folder, "criu"), onProgress: (message) => progress.push(message) });
});

after(async () => {
  await rm(join(folder, ".."), { recursive: true, force: true });
});

/** Runs `body` with another PATH. */
async function withPath<T>(path: string, body: () => Promise<T>): Promise<T> {
  const old = process.env.PATH;
  process.env.PATH = path;
  try {
    return await body();
  } finally {
    process.env.PATH = old;
  }
}

test("a bundle is installed whole: it runs, it is recorded, nothing else is left", async () => {
  assert.equal(bundle.installed, true);
  assert.ok(isRecentEnough(bundle.version));
  const { stdout } = await run(bundle.program, ["--version"]);
  assert.match(stdout, new RegExp(`^Version: ${bundle.version.replaceAll(".", "\\.")}$`, "m"));
  assert.deepEqual((await readdir(bundle.directory)).sort(), ["bin", "bundle.json", "lib", "prefix", "tools"]);
  assert.deepEqual(await readdir(folder), ["criu"]);
  const { packages } = JSON.parse(await readFile(join(bundle.directory, "bundle.json"), "utf8"));
  assert.ok(packages.criu.startsWith(bundle.version));
  assert.ok(packages.libc6);
  for (const tool of ["tar", "gzip"]) {
    assert.match((await run(join(bundle.directory, "tools", tool), ["--version"])).stdout, new RegExp(`^${tool} .*1\\.`));
  }
  assert.match(progress.join("; "), /package list.*; downloading.*; unpacking \d+ packages/);
});

test("a second installation does nothing", async () => {
  const { mtimeMs } = await stat(join(bundle.directory, "bundle.json"));
  const messages: string[] = [];
  const again = await installCriuBundle({ directory: bundle.directory, onProgress: (message) => messages.push(message) });
  assert.deepEqual(again, { ...bundle, installed: false });
  assert.deepEqual(messages, []);
  assert.equal((await stat(join(bundle.directory, "bundle.json"))).mtimeMs, mtimeMs);
});

test("the bundle may be moved, and be called through PATH and through a link", async () => {
  const moved = join(folder, "moved");
  await cp(bundle.directory, moved, { recursive: true, verbatimSymlinks: true });
  assert.match((await run(join(moved, "bin", "criu"), ["--version"])).stdout, /^Version: 4\./m);
  const env = { PATH: `${join(moved, "bin")}${delimiter}${process.env.PATH}` };
  assert.match((await run("criu", ["--version"], { env })).stdout, /^Version: 4\./m);
  assert.match((await run("sh", ["-c", "cd / && criu --version"], { env })).stdout, /^Version: 4\./m);
  const link = join(folder, "link");
  await symlink(join(moved, "bin", "criu"), link);
  assert.match((await run(link, ["--version"])).stdout, /^Version: 4\./m);
  await rm(moved, { recursive: true });
  await rm(link);
});

test("a bundle is found before a system's CRIU, and a system's one that is old is not taken", async () => {
  assert.deepEqual(await findCriu({ directory: bundle.directory }), {
    binDirectory: bundle.binDirectory,
    program: bundle.program,
    version: bundle.version,
    bundled: true,
  });
  const system = join(folder, "system");
  await mkdir(system);
  const program = join(system, "criu");
  const installFake = (version: string) => writeFile(program, `#!/bin/sh\necho 'Version: ${version}'\n`, { mode: 0o755 });
  const nowhere = { directory: join(folder, "nowhere") };
  await installFake("4.10");
  await withPath(system, async () => {
    // The program's interpreter is found by its path, not through PATH.
    assert.deepEqual(await findCriu(nowhere), { binDirectory: system, program, version: "4.10", bundled: false });
    await installFake("4.1.1");
    assert.equal(await findCriu(nowhere), undefined);
    await assert.rejects(requireCriu(nowhere), { code: "criu-missing", remedy: /migrate-container setup/ });
    await assert.rejects(requireCriu({ program }), {
      code: "criu-missing",
      message: /system\/criu is no/,
      remedy: /criu_binary/,
    });
  });
  await rm(system, { recursive: true });
});

test("a CRIU that is asked for is the only one that will do", async () => {
  const own = join(folder, "own");
  await mkdir(own);
  const program = join(own, "criu");
  await writeFile(program, "#!/bin/sh\necho 'Version: 4.3'\n", { mode: 0o755 });
  assert.deepEqual(await findCriu({ directory: bundle.directory, program }), {
    binDirectory: own,
    program,
    version: "4.3",
    bundled: false,
  });
  // Runtimes look for `criu` in PATH, so that one of another name would not be what runs.
  await rename(program, `${program}-4.3`);
  assert.equal(await findCriu({ directory: bundle.directory, program: `${program}-4.3` }), undefined);
  assert.equal(await findCriu({ directory: bundle.directory, program }), undefined);
  await rm(own, { recursive: true });
});

test("a damaged bundle is not found, and is replaced", async () => {
  const directory = join(folder, "damaged");
  await rename(bundle.directory, directory);
  await rm(join(directory, "prefix", "usr", "sbin", "criu"));
  await withPath("/nonexistent", async () => assert.equal(await findCriu({ directory }), undefined));
  const repaired = await installCriuBundle({ directory });
  assert.equal(repaired.installed, true);
  assert.equal((await findCriu({ directory }))?.version, bundle.version);
  await rename(directory, bundle.directory);
  assert.deepEqual(await readdir(folder), ["criu"]);
});

test("a bundle for the other architecture is had without running it", async () => {
  const architecture = ownArchitecture() === "arm64" ? "amd64" : "arm64";
  const foreign = await installCriuBundle({ directory: join(folder, "foreign"), architecture });
  assert.equal(foreign.architecture, architecture);
  const prefix = join(foreign.directory, "prefix");
  const machines = { amd64: 62, arm64: 183 };
  for (const name of ["usr/sbin/criu", layouts[architecture].loader]) {
    await using file = await open(join(prefix, name));
    const { buffer } = await file.read({ buffer: Buffer.alloc(20) });
    assert.equal(buffer.readUInt16LE(18), machines[architecture], `e_machine of ${name}`);
  }
  assert.ok((await readdir(join(prefix, layouts[architecture].libraries))).some((name) => name.startsWith("libprotobuf-c.so")));
  assert.match(await readFile(foreign.program, "utf8"), new RegExp(layouts[architecture].loader));
  await rm(foreign.directory, { recursive: true });
});

test("a machine without apt is told what to do, and nothing is left behind", async () => {
  const directory = join(folder, "without-apt");
  await withPath("/nonexistent", async () => {
    await assert.rejects(installCriuBundle({ directory }), {
      code: "setup-failed",
      host: "local",
      message: /needs apt/,
      remedy: /Install CRIU 4\.2 or later yourself/,
    });
  });
  assert.deepEqual(await readdir(folder), ["criu"]);
});

test("a cancelled installation leaves nothing behind", async () => {
  const cancel = new AbortController();
  const installing = installCriuBundle({
    directory: join(folder, "cancelled"),
    signal: cancel.signal,
    onProgress: () => cancel.abort(),
  });
  await assert.rejects(installing, { code: "cancelled" });
  assert.deepEqual(await readdir(folder), ["criu"]);
});

test("versions are read and compared by number", () => {
  assert.equal(parseCriuVersion("Version: 4.2.1\nGitID: v4.2-1\n"), "4.2.1");
  assert.equal(parseCriuVersion("4.2-1"), "4.2");
  assert.equal(parseCriuVersion("criu: command not found"), undefined);
  assert.deepEqual(["3.19", "4.1.1", "4.2", "4.10", "5.0"].map(isRecentEnough), [false, false, true, true, true]);
});

test("the default place follows XDG_DATA_HOME", () => {
  const old = process.env.XDG_DATA_HOME;
  process.env.XDG_DATA_HOME = "/data";
  assert.equal(defaultBundleDirectory("arm64"), "/data/migrate-container/criu/arm64");
  process.env.XDG_DATA_HOME = "relative";
  assert.match(defaultBundleDirectory("amd64"), /\/\.local\/share\/migrate-container\/criu\/amd64$/);
  if (old === undefined) {
    delete process.env.XDG_DATA_HOME;
  } else {
    process.env.XDG_DATA_HOME = old;
  }
});
