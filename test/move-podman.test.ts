import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { execa } from "execa";
import { buildCounterImage, image } from "../faults/counter.ts";
import { leftInState } from "../faults/leftovers.ts";
import { runMover } from "../faults/run-mover.ts";
import { openPodmanStore, type PodmanStore } from "../src/checkpoint/testing/podman-store.ts";
import { startSshd } from "../src/host/testing/sshd.ts";
import { check, migrate, restore, takeCheckpoint } from "../src/index.ts";
import { recover } from "../src/migration/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { program } from "./support/cli.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { ensureSource } from "./support/surroundings.ts";

const name = "migrate-container-podman";
const copy = `${name}-copy`;
const podmansImage = `localhost/${image}`;
let store: PodmanStore;
let folder: string;
let stateFolder: string;

before(async () => {
  await ensureSource();
  await buildCounterImage();
  store = await openPodmanStore("overlay");
  folder = await mkdtemp(join(tmpdir(), "move-podman-"));
  stateFolder = join(folder, "state");
  Object.assign(process.env, store.environment, { XDG_STATE_HOME: stateFolder });
  const saved = join(folder, "image.tar");
  await docker("save", "--output", saved, image);
  await store.podman("load", "--input", saved);
});
afterEach(clear);
after(async () => {
  for (const key of ["XDG_STATE_HOME", ...Object.keys(store.environment)]) delete process.env[key];
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function clear(): Promise<void> {
  for (const each of [name, copy]) await removeContainer(each);
  await docker("volume", "rm", "--force", name);
  await store.podman("rm", "--all", "--force", "--time", "0");
  await store.podman("volume", "prune", "--force");
}

/** Lets Podman have a container that counts. */
async function start(...settings: readonly string[]): Promise<void> {
  await store.podman("run", "--detach", "--name", name, ...settings, podmansImage, "/counter");
  await eventually("a count", async () => (await podmansCount()) > 10);
}

const stateInPodman = () => store.podman("inspect", "--format", "{{.State.Status}}", name);
const podmansCount = async () => countIn(await store.podman("inspect", "--format", "{{.GraphDriver.Data.UpperDir}}", name));
const dockersCount = async (of = copy) => countIn(await docker("inspect", "--format", "{{.GraphDriver.Data.UpperDir}}", of));

/** How far it has counted. @throws Error when a number is missing, or there twice */
async function countIn(upper: string): Promise<number> {
  const script = "awk 'NR != $1 && !bad {bad = NR} END {print NR, bad + 0}' \"$1/count\" 2>/dev/null || echo 0 0";
  const { stdout } = await execa("sh", ["-c", script, "sh", upper]);
  const [lines = 0, bad = 0] = stdout.split(" ").map(Number);
  // The last line may be half written.
  if (bad !== 0 && bad !== lines) throw new Error(`line ${bad} of ${lines} is not the number ${bad}`);
  return lines;
}

async function assertCounts(count: () => Promise<number>): Promise<void> {
  const before = await count();
  await eventually("it counts on", async () => (await count()) > before + 10);
}

/** Nothing but journals stays, and no service of Podman's that a move has started. */
async function assertNothingStays(): Promise<void> {
  assert.deepEqual(await leftInState(stateFolder), []);
  await eventually("no service", async () => !(await readdir("/run")).some((each) => each.startsWith("migrate-container-")));
}

for (const strategy of ["resume", "restore"] as const) {
  test(`podman: a container goes on in Docker, by ${strategy}, with its settings and volume`, async () => {
    await start(
      ...[
        "--env",
        "COLOUR=blue",
        "--label",
        "note=kept",
        "--hostname",
        "counting",
        "--publish",
        "18098:80",
        "--volume",
        `${name}:/data`,
      ],
      ...["--tmpfs", "/scratch", "--cpus", "0.9", "--memory", "64m", "--cap-drop", "CHOWN", "--cap-add", "SYS_TIME"],
    );
    await store.podman("cp", program, `${name}:/data/kept`);
    const ports = [{ port: "80/tcp", address: "", hostPort: 18099 }] as const;
    const result = await migrate({ container: `podman:${name}`, target: "local", name: copy, strategy, publish: ports });
    assert.equal(result.status, "migrated", JSON.stringify(result));
    assert.equal(result.sourceEngine, "podman");
    assert.equal(await stateInPodman(), "exited");
    const last = await podmansCount();
    assert.ok((await dockersCount()) >= last);
    await assertCounts(dockersCount);
    assert.equal(await podmansCount(), last);
    const [record] = JSON.parse(await docker("inspect", copy));
    assert.equal(record.Config.Labels.note, "kept");
    assert.ok(record.Config.Env.includes("COLOUR=blue"));
    assert.equal(record.Config.Hostname, "counting");
    const {
      NanoCpus: cpus,
      Memory: memory,
      CapAdd: added,
      CapDrop: dropped,
      Tmpfs: tmpfs,
      NetworkMode: mode,
    } = record.HostConfig;
    assert.deepEqual([cpus, memory, added], [9e8, 64 << 20, ["CAP_SYS_TIME"]]);
    assert.ok(dropped.includes("CAP_CHOWN"));
    assert.deepEqual([Object.keys(tmpfs), mode], [["/scratch"], "bridge"]);
    assert.equal(record.HostConfig.PortBindings["80/tcp"][0].HostPort, "18099");
    const [mount] = record.Mounts;
    assert.deepEqual([mount.Type, mount.Name, mount.Destination], ["volume", name, "/data"]);
    assert.deepEqual(await readdir(mount.Source), ["kept"]);
    await assertNothingStays();
  });
}

test("podman: a container is found without its engine's name; a name that both have must be told apart", async () => {
  await start();
  const { verdicts, findings } = await check({ container: name, target: "local", name: copy });
  assert.equal(verdicts.resume, "ready", JSON.stringify(findings));
  await docker("create", "--name", name, image);
  const both = await execa(program, ["check", name], { reject: false });
  assert.equal(both.exitCode, 2);
  assert.match(both.stderr, /both Docker and Podman have a container/);
  assert.ok(both.stderr.includes(`docker:${name}`), both.stderr);
  const docks = await check({ container: `docker:${name}`, target: "local", name: copy });
  assert.deepEqual(
    docks.findings.filter(({ severity }) => severity === "blocker").map(({ rule }) => rule),
    ["container.running"],
  );
  await assertNothingStays();
});

test("podman: what would start a container again here is refused by name", async () => {
  await start("--restart", "always");
  const result = await migrate({ container: `podman:${name}`, target: "local", name: copy });
  assert.equal(result.status, "refused", JSON.stringify(result));
  assert.match(result.error.message, /its restart policy is always: Podman would start it again/);
  await assert.rejects(
    takeCheckpoint({ container: name, output: join(folder, "refused.tar.zst") }),
    /its restart policy is always/,
  );
  await assertCounts(podmansCount);
});

test("podman: a socket of Docker's behind which Podman answers is told", async () => {
  await start();
  const socket = join(folder, "podman.sock");
  const serving = execa("podman", ["system", "service", "--time=0", `unix://${socket}`], { reject: false });
  try {
    await eventually("the socket", async () => (await readdir(folder)).includes("podman.sock"));
    const env = { DOCKER_HOST: `unix://${socket}` };
    const asTarget = await execa(program, ["migrate", `podman:${name}`, "local", "--name", copy], { env, reject: false });
    assert.equal(asTarget.exitCode, 1, asTarget.stderr);
    assert.match(asTarget.stderr, /what answers at Docker's socket is Podman/);
    // As a source it is Podman's.
    const found = await execa(program, ["check", name], { env, reject: false });
    assert.equal(found.exitCode, 0, found.stderr);
  } finally {
    serving.kill();
    await serving;
  }
});

test("podman: a failed move is undone, and the container goes on", async () => {
  await start();
  const result = await migrate({ container: name, target: "local", name: copy, healthCommand: ["/counter-that-is-not-there"] });
  assert.equal(result.status, "rolled-back", JSON.stringify(result));
  assert.deepEqual(result.remains, []);
  assert.equal(await stateInPodman(), "running");
  await assertCounts(podmansCount);
  assert.equal(await docker("ps", "--all", "--quiet", "--filter", `name=${copy}`), "");
  await assertNothingStays();
});

for (const [point, decision] of [
  ["step send", "roll-back"],
  ["committed", "complete"],
] as const) {
  test(`podman: a move that is killed before its entry \`${point}\` takes effect is ended by recover`, async () => {
    await start();
    const task = {
      container: `podman:${name}`,
      target: "local",
      name: copy,
      sshConfig: "/dev/null",
      strategy: "resume",
    } as const;
    const strike = { fault: "kill", point: { when: "before", what: point } } as const;
    const { struck } = await runMover({ ...task, strike }, stateFolder, async () => {});
    assert.ok(struck);
    const [move] = await recover();
    assert.deepEqual([move?.decision, move?.running, move?.sourceEngine], [decision, true, "podman"]);
    if (decision === "roll-back") {
      assert.equal(await stateInPodman(), "running");
      await assertCounts(podmansCount);
    } else {
      assert.equal(await stateInPodman(), "exited");
      await assertCounts(dockersCount);
    }
    await assertNothingStays();
  });
}

test("podman: a checkpoint of a container that goes on, which Docker resumes", async () => {
  await start();
  const archive = join(folder, "counter.tar.zst");
  await takeCheckpoint({ container: `podman:${name}`, output: archive });
  await assertCounts(podmansCount);
  const result = await restore({ archive, name: copy });
  assert.equal(result.status, "restored", JSON.stringify(result));
  await assertCounts(dockersCount);
  await assertNothingStays();
});

test("podman: a container of another machine comes here", async () => {
  await start();
  await using sshd = await startSshd(undefined, store.environment);
  const machines = { source: sshd.target, target: "local", sshConfig: sshd.configFile };
  const result = await migrate({ ...machines, container: `podman:${name}`, name: copy });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  assert.equal(await stateInPodman(), "exited");
  await assertCounts(dockersCount);
  await assertNothingStays();
});
