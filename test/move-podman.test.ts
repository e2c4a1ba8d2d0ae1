import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { execa } from "execa";
import { image } from "../faults/counter.ts";
import { runMover } from "../faults/run-mover.ts";
import { startSshd } from "../src/host/testing/sshd.ts";
import { check, migrate, migrateGroup, restore, takeCheckpoint } from "../src/index.ts";
import { recover } from "../src/migration/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { program } from "./support/cli.ts";
import { docker } from "./support/docker.ts";
import { openPodmanTest, type PodmanTest, testNetwork } from "./support/podman-test.ts";

const name = "migrate-container-podman";
const copy = `${name}-copy`;
let place: PodmanTest;

before(async () => {
  place = await openPodmanTest(name);
});
afterEach(() => place.clear());
after(() => place[Symbol.asyncDispose]());

const stateInPodman = () => place.podmansState(name);
const podmansCount = () => place.podmansCount(name);
const dockersCount = () => place.dockersCount(copy);

for (const strategy of ["resume", "restore"] as const) {
  test(`podman: a container goes on in Docker, by ${strategy}, with its settings and volume`, async () => {
    await place.startInPodman(
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
    await place.podman("cp", program, `${name}:/data/kept`);
    const ports = [{ port: "80/tcp", address: "", hostPort: 18099 }] as const;
    const result = await migrate({ container: `podman:${name}`, target: "local", name: copy, strategy, publish: ports });
    assert.equal(result.status, "migrated", JSON.stringify(result));
    assert.equal(result.sourceEngine, "podman");
    assert.equal(await stateInPodman(), "exited");
    const last = await podmansCount();
    assert.ok((await dockersCount()) >= last);
    await place.assertCounts(dockersCount);
    assert.equal(await podmansCount(), last);
    const [record] = JSON.parse(await docker("inspect", copy));
    assert.equal(record.Config.Labels.note, "kept");
    assert.deepEqual([record.Config.Entrypoint, record.Config.Cmd], [null, ["/counter"]]);
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
    await place.assertNothingStays();
  });
}

test("podman: a container is found without its engine's name; a name that both have must be told apart", async () => {
  await place.startInPodman();
  const { verdicts, findings } = await check({ container: name, target: "local", name: copy });
  assert.equal(verdicts.resume, "ready", JSON.stringify(findings));
  assert.equal((await execa(program, ["__complete", "--", "migrate", name])).stdout, name);
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
  await place.assertNothingStays();
});

test("podman: what would start a container again here is refused by name", async () => {
  await place.startInPodman("--restart", "always");
  const result = await migrate({ container: `podman:${name}`, target: "local", name: copy });
  assert.equal(result.status, "refused", JSON.stringify(result));
  assert.match(result.error.message, /its restart policy is always: Podman would start it again/);
  await assert.rejects(
    takeCheckpoint({ container: name, output: join(place.folder, "refused.tar.zst") }),
    /its restart policy is always/,
  );
  await place.assertCounts(podmansCount);
});

test("podman: a socket of Docker's behind which Podman answers is Podman's", async () => {
  await place.startInPodman();
  const socket = join(place.folder, "podman.sock");
  const serving = execa("podman", ["system", "service", "--time=0", `unix://${socket}`], { reject: false });
  try {
    await eventually("the socket", async () => (await readdir(place.folder)).includes("podman.sock"));
    const env = { DOCKER_HOST: `unix://${socket}` };
    const found = await execa(program, ["check", name, "local", "--name", copy, "--json"], { env, reject: false });
    assert.equal(found.exitCode, 0, found.stderr);
    // As a target it is Podman, which restores nothing.
    assert.equal(JSON.parse(found.stdout).verdicts.restore, "blocked", found.stdout);
    const asked = await execa(program, ["check", `docker:${name}`], { env, reject: false });
    assert.equal(asked.exitCode, 1);
    assert.match(asked.stderr, /what answers at Docker's socket is Podman/);
  } finally {
    serving.kill();
    await serving;
  }
});

test("podman: a failed move is undone, and the container goes on", async () => {
  await place.startInPodman();
  const result = await migrate({ container: name, target: "local", name: copy, healthCommand: ["/counter-that-is-not-there"] });
  assert.equal(result.status, "rolled-back", JSON.stringify(result));
  assert.deepEqual(result.remains, []);
  assert.equal(await stateInPodman(), "running");
  await place.assertCounts(podmansCount);
  assert.equal(await docker("ps", "--all", "--quiet", "--filter", `name=${copy}`), "");
  await place.assertNothingStays();
});

for (const [point, decision] of [
  ["step send", "roll-back"],
  ["committed", "complete"],
] as const) {
  test(`podman: a move that is killed before its entry \`${point}\` takes effect is ended by recover`, async () => {
    await place.startInPodman();
    const task = {
      container: `podman:${name}`,
      target: "local",
      name: copy,
      sshConfig: "/dev/null",
      strategy: "resume",
    } as const;
    const strike = { fault: "kill", point: { when: "before", what: point } } as const;
    const { struck } = await runMover({ ...task, strike }, place.stateFolder, async () => {});
    assert.ok(struck);
    const [move] = await recover();
    assert.deepEqual([move?.decision, move?.running, move?.sourceEngine], [decision, true, "podman"]);
    if (decision === "roll-back") {
      assert.equal(await stateInPodman(), "running");
      await place.assertCounts(podmansCount);
    } else {
      assert.equal(await stateInPodman(), "exited");
      await place.assertCounts(dockersCount);
    }
    await place.assertNothingStays();
  });
}

test("podman: a checkpoint of a container that goes on, which Docker resumes", async () => {
  await place.startInPodman();
  const archive = join(place.folder, "counter.tar.zst");
  await takeCheckpoint({ container: `podman:${name}`, output: archive });
  await place.assertCounts(podmansCount);
  const result = await restore({ archive, name: copy });
  assert.equal(result.status, "restored", JSON.stringify(result));
  await place.assertCounts(dockersCount);
  await place.assertNothingStays();
});

test("podman: a container of another machine comes here", async () => {
  await place.startInPodman();
  // Below it lies this machine's CRIU.
  const dataHome = process.env.XDG_DATA_HOME || join(homedir(), ".local/share");
  await using sshd = await startSshd(undefined, { ...place.environment, XDG_DATA_HOME: dataHome });
  const machines = { source: sshd.target, target: "local", sshConfig: sshd.configFile };
  const result = await migrate({ ...machines, container: `podman:${name}`, name: copy });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  assert.equal(await stateInPodman(), "exited");
  await place.assertCounts(dockersCount);
  await place.assertNothingStays();
});

test("podman: two containers of one network and volume go on in Docker as one, or none of them", async () => {
  const names = [name, copy];
  await place.podman("network", "create", testNetwork);
  const shared = ["--network", testNetwork, "--volume", `${name}:/shared`];
  for (const each of names) {
    await place.podman("run", "--detach", "--name", each, ...shared, `localhost/${image}`, "/counter");
  }
  for (const each of names) await eventually("a count", async () => (await place.podmansCount(each)) > 10);
  const containers = names.map((each) => `podman:${each}`);
  const group = { containers, target: "local", targetEngine: "docker" } as const;

  await docker("create", "--name", copy, image);
  const refused = await migrateGroup(group);
  assert.notEqual(refused.status, "migrated", JSON.stringify(refused));
  for (const each of names) await place.assertCounts(() => place.podmansCount(each));
  await docker("rm", copy);

  const result = await migrateGroup(group);
  assert.equal(result.status, "migrated", JSON.stringify(result));
  for (const each of names) {
    assert.equal(await place.podmansState(each), "exited");
    await place.assertCounts(() => place.dockersCount(each));
    assert.match(await docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", each), new RegExp(`"${testNetwork}"`));
  }
  await place.assertNothingStays();
});
