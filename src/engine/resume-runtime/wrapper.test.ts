import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { dockerConfig } from "../../resume/testing/docker-config.ts";
import type { BundleEdit } from "./bundle-edit.ts";
import { FakeRuntime } from "./testing/fake-runtime.ts";
import { cgroupRoot, restoreFile } from "./wrapper.ts";

const id = "5f0a".repeat(16);
const edit: BundleEdit = {
  containerId: id,
  capabilities: { bounding: ["CAP_CHOWN", "CAP_SETPCAP"], inheritable: [] },
  timeNamespace: true,
};
const clocks = "100 5 200 6\n";
/** With all that a careless edit would take for the real keys. */
const config = dockerConfig({
  id,
  root: "/somewhere",
  arguments: ["program", '"args":[', '"user":{', "a&b|c\\d", '{"destination":"/dev","type":"tmpfs"}'],
  environment: ['JSON={"linux":{"namespaces":[]}}', 'A="capabilities":{}'],
  user: { uid: 999, gid: 998, additionalGids: [4] },
});

interface Config {
  process: { args: string[]; user: object; capabilities: object };
  mounts: { destination: string }[];
  linux: { timeOffsets?: Record<string, { secs: number; nanosecs: number }>; namespaces: { type: string }[] };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const shells: Readonly<Record<string, readonly string[]>> = { "the system's sh": ["sh"], busybox: ["busybox", "sh"] };

for (const [shellName, shell] of Object.entries(shells)) {
  test(`wrapper (${shellName}): CRIU is told the container's cgroup of version 2, by cgroupfs or by systemd`, async () => {
    await using runtime = await FakeRuntime.create(shell, config);
    const here = runtime.folder;
    const rootOf = async (cgroupsPath: string, version: 1 | 2): Promise<string> => {
      await writeFile(join(here, "config.json"), JSON.stringify({ linux: { cgroupsPath, resources: {} } }));
      await writeFile(join(here, restoreFile), "tcp-close\n");
      const file = version === 2 ? "cgroup.controllers" : "cpu";
      const mount = `mount -t tmpfs tmpfs /sys/fs/cgroup; : >/sys/fs/cgroup/${file}`;
      const script = `${mount}; here=$1 bundle=$1; ${cgroupRoot}`;
      await promisify(execFile)("unshare", ["--mount", ...shell, "-euc", script, "sh", here]);
      return (await readFile(join(here, restoreFile), "utf8")).replace("tcp-close\n", "");
    };
    for (const [path, root] of [
      ["/docker/5f0a", "/docker/5f0a"],
      ["system.slice:docker:5f0a", "/system.slice/docker-5f0a.scope"],
      ["a-b-c.slice:docker:5f0a", "/a.slice/a-b.slice/a-b-c.slice/docker-5f0a.scope"],
      ["-.slice:docker:5f0a", "/docker-5f0a.scope"],
    ] as const) {
      assert.equal(await rootOf(path, 2), `cgroup-root ${root}\n`);
      assert.equal(await rootOf(path, 1), "");
    }
  });

  test(`wrapper (${shellName}): the first create of a pending resume finds an edited bundle, a later one its own`, async () => {
    await using runtime = await FakeRuntime.create(shell, config);
    await runtime.makePending(edit, clocks);
    const words = ["--root", "/run/x", "--log", "a b\nc", "create", "--bundle", runtime.bundle, "--pid-file", "p", id];
    const call = await runtime.call(words, { prefix: await runtime.withClocks("now at 30000000001 nsecs\n", "40.00 1.00\n") });
    assert.deepEqual(call, { arguments: words, exitCode: 0, output: "output\n" });

    const expected = JSON.parse(config) as Config;
    const bind = (destination: string, source: string) => ({
      ...{ destination, type: "bind", source },
      options: ["bind", "rw", "rprivate", "nosuid"],
    });
    expected.process.args.unshift("/dev/.migrate-container/resume");
    expected.process.user = { uid: 0, gid: 0 };
    const both = ["CAP_CHOWN", "CAP_SETPCAP"];
    expected.process.capabilities = { bounding: both, effective: both, inheritable: [], permitted: both };
    const place = expected.mounts.findIndex(({ destination }) => destination === "/dev") + 1;
    expected.mounts.splice(
      place,
      0,
      bind("/dev/.migrate-container", `${runtime.folders.resumed}/${id}`),
      bind("/proc/sys/kernel/ns_last_pid", "/proc/sys/kernel/ns_last_pid"),
    );
    expected.linux.timeOffsets = { monotonic: { secs: 70, nanosecs: 4 }, boottime: { secs: 160, nanosecs: 6 } };
    expected.linux.namespaces.unshift({ type: "time" });
    assert.deepEqual(await runtime.config(), expected);
    assert.equal((await stat(join(runtime.bundle, "config.json"))).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(runtime.folders.pending), []);

    await writeFile(join(runtime.bundle, "config.json"), config);
    assert.equal((await runtime.call(words)).exitCode, 0);
    assert.deepEqual(await runtime.config(), JSON.parse(config));
  });

  test(`wrapper (${shellName}): of many creates at once one has the resume`, async () => {
    await using runtime = await FakeRuntime.create(shell, config);
    await runtime.makePending({ ...edit, timeNamespace: false });
    const bundles = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const bundle = join(runtime.folder, `bundle${index}`);
        await mkdir(bundle);
        await writeFile(join(bundle, "config.json"), config);
        return bundle;
      }),
    );
    await Promise.all(bundles.map((bundle) => runtime.call(["create", `--bundle=${bundle}`, id])));
    const configs = await Promise.all(bundles.map((bundle) => readFile(join(bundle, "config.json"), "utf8")));
    assert.equal(configs.filter((text) => text !== config).length, 1);
    assert.deepEqual(await readdir(runtime.folders.resumed), [id]);
  });

  test(`wrapper (${shellName}): the bundle is the working folder unless it is named`, async () => {
    for (const words of [
      ["create", id],
      ["create", "-b", ".", id],
    ]) {
      await using runtime = await FakeRuntime.create(shell, config);
      await runtime.makePending({ ...edit, timeNamespace: false });
      assert.deepEqual((await runtime.call(words)).arguments, words);
      assert.equal(((await runtime.config()) as Config).process.args[0], "/dev/.migrate-container/resume");
    }
  });

  test(`wrapper (${shellName}): a resume that was taken is never taken again`, async () => {
    await using runtime = await FakeRuntime.create(shell, config);
    await mkdir(join(runtime.folders.resumed, id), { recursive: true });
    await runtime.makePending(edit, clocks);
    await runtime.call(["create", id]);
    assert.deepEqual(await runtime.config(), JSON.parse(config));
    assert.deepEqual(await readdir(join(runtime.folders.resumed, id)), []);
  });

  test(`wrapper (${shellName}): a container stays with the runtime that has made it, until it is made anew`, async () => {
    await using runtime = await FakeRuntime.create(shell, config);
    const answer = async (...words: string[]) => (await runtime.call(words)).output;
    assert.equal(await answer("create", id), "output\n");
    await runtime.exchange();
    assert.equal(await answer("create", "5f0b".repeat(16)), "other\n");
    assert.equal(await answer("exec", "--process", "file", id), "output\n");
    assert.equal(await answer("kill", id, "9"), "output\n");
    assert.equal(await answer("state", "5f0b".repeat(16)), "other\n");
    assert.equal(await answer("delete", id), "output\n");
    assert.equal(await answer("state", id), "other\n");
    assert.equal(await answer("create", id), "other\n");
  });

  test(`wrapper (${shellName}): all other calls go on as they are, with their exit status`, async () => {
    await using runtime = await FakeRuntime.create(shell, config);
    await runtime.makePending(edit, clocks);
    for (const words of [
      ["--version"],
      ["start", id],
      ["kill", "--all", id, "9"],
      ["exec", "--process", "a b", "create"],
      ["delete", "--force", "no-hexadecimal"],
      ["create", "Name-of-another"],
    ]) {
      const call = await runtime.call(words, { status: 3 });
      assert.deepEqual(call, { arguments: words, exitCode: 3, output: "output\n" });
    }
    assert.deepEqual(await runtime.config(), JSON.parse(config));
    assert.deepEqual(await readdir(runtime.folders.pending), [id]);
  });

  for (const [what, status, exitCode, remains] of [
    ["a resume that succeeded goes with its container", "resumed\n", 0, false],
    ["a failed resume's words stay", "failed\topen /x\tfffffffffffffffe\n", 0, true],
    ["a resume under way stays", "", 0, true],
    ["nothing goes when the container could not be deleted", "resumed\n", 1, true],
  ] as const) {
    test(`wrapper (${shellName}): ${what}`, async () => {
      await using runtime = await FakeRuntime.create(shell, config);
      const folder = join(runtime.folders.resumed, id);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "status"), status);
      const words = ["--root", "r", "delete", "--force", id];
      assert.deepEqual(await runtime.call(words, { status: exitCode }), { arguments: words, exitCode, output: "output\n" });
      assert.equal(await exists(folder), remains);
    });
  }

  for (const [what, source, timerList, uptime, monotonic, boottime] of [
    ["behind", "5 0 6 0", "now at 7000000000 nsecs\n", "9.25 1.0\n", [-2, 0], [-4, 750_000_000]],
    ["nanoseconds are borrowed", "10 1 10 0", "now at 3000000002 nsecs\n", "3.01 1\n", [6, 999_999_999], [6, 990_000_000]],
    ["leading zeros are no octal numbers", "8 089 9 010", "now at 1000000008 nsecs\n", "1.08 1\n", [7, 81], [7, 920_000_010]],
    ["a machine that has just started", "1 0 1 0", "now at 000000012 nsecs\n", "0.00 0\n", [0, 999_999_988], [1, 0]],
    ["a kernel without timer_list", "100 0 200 0", "", "40.50 1\n", [59, 500_000_000], [159, 500_000_000]],
    [
      "years",
      "63072000 999999999 63072001 0",
      "now at 94608000000000001 nsecs\n",
      "94608001.99 1\n",
      [-31536000, 999_999_998],
      [-31536001, 10_000_000],
    ],
  ] as const) {
    test(`wrapper (${shellName}): clocks: ${what}`, async () => {
      await using runtime = await FakeRuntime.create(shell, config);
      await runtime.makePending(edit, `${source}\n`);
      await runtime.call(["create", id], { prefix: await runtime.withClocks(timerList, uptime) });
      const { linux } = (await runtime.config()) as Config;
      assert.deepEqual(linux.timeOffsets, {
        monotonic: { secs: monotonic[0], nanosecs: monotonic[1] },
        boottime: { secs: boottime[0], nanosecs: boottime[1] },
      });
    });
  }
}
