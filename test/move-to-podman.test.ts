import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { image } from "../faults/counter.ts";
import { runMover } from "../faults/run-mover.ts";
import { check, migrate, restore, takeCheckpoint } from "../src/index.ts";
import { recover } from "../src/migration/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { docker } from "./support/docker.ts";
import { testNetwork as network, openPodmanTest, type PodmanTest } from "./support/podman-test.ts";

const name = "migrate-container-to-podman";
const copy = `${name}-copy`;
let place: PodmanTest;

before(async () => {
  place = await openPodmanTest(name);
});
afterEach(() => place.clear());
after(() => place[Symbol.asyncDispose]());

const task = { container: `docker:${name}`, target: "local", targetEngine: "podman", name: copy } as const;

/** The program adds to its file, from 1 on. */
async function beganTwice(): Promise<boolean> {
  return (await place.podmansLines(copy)).filter((line) => line === "1").length === 2;
}

test("podman: a container of Docker's goes on in Podman, with its settings, network and volume, and from there back", async () => {
  await docker("network", "create", network);
  await place.startInDocker(
    ...["--env", "COLOUR=blue", "--label", "note=kept", "--hostname", "counting", "--cap-drop", "MKNOD", "--memory", "64m"],
    ...["--network", network, "--network-alias", "counter", "--publish", "18096:80", "--volume", `${name}:/data`],
  );
  const before = await docker("volume", "inspect", "--format", "{{.Mountpoint}}", name);
  // Podman would make it its image's.
  await place.run(`chown 5:6 '${before}'; chmod 2710 '${before}'; touch -d '2020-02-02 02:02:02.123456789' '${before}'`);
  const publishedAt = (hostPort: number) => [{ port: "80/tcp", address: "", hostPort }] as const;
  const result = await migrate({ ...task, publish: publishedAt(18095) });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  assert.equal(await place.dockersState(name), "exited");
  const last = await place.dockersCount(name);
  assert.ok((await place.podmansCount(copy)) >= last);
  await place.assertCounts(() => place.podmansCount(copy));
  assert.equal(await place.dockersCount(name), last);
  const [record] = JSON.parse(await place.podman("inspect", copy));
  assert.deepEqual([record.Config.Labels.note, record.Config.Hostname, record.HostConfig.Memory], ["kept", "counting", 64 << 20]);
  assert.ok(record.Config.Env.includes("COLOUR=blue"));
  assert.ok(record.NetworkSettings.Networks[network].Aliases.includes("counter"));
  assert.equal(record.HostConfig.PortBindings["80/tcp"][0].HostPort, "18095");
  assert.equal(
    await place.run(`stat -c '%u:%g %a %y' '${record.Mounts[0].Source}'`),
    await place.run(`stat -c '%u:%g %a %y' '${before}'`),
  );
  await place.assertNothingStays();

  await docker("rm", name);
  await docker("volume", "rm", name);
  const back = await migrate({ container: `podman:${copy}`, target: "local", name, publish: publishedAt(18096) });
  assert.equal(back.status, "migrated", JSON.stringify(back));
  await place.assertCounts(() => place.dockersCount(name));
  assert.ok(JSON.parse(await docker("inspect", name))[0].HostConfig.CapDrop.includes("CAP_MKNOD"));
  await place.assertNothingStays();
});

test("podman: a container that was moved there and is started again begins anew", async () => {
  await place.startInDocker();
  const result = await migrate(task);
  assert.equal(result.status, "migrated", JSON.stringify(result));
  await place.podman("stop", "--time", "0", copy);
  await place.podman("start", copy);
  await eventually("a new beginning", beganTwice);
  await place.assertNothingStays();
});

test("podman: an image that it lacks is sent", async () => {
  await place.startInDocker();
  await place.podman("rmi", "--force", image);
  const result = await migrate(task);
  assert.equal(result.status, "migrated", JSON.stringify(result));
  await place.assertCounts(() => place.podmansCount(copy));
  assert.equal(
    await place.podman("inspect", "--format", "{{.Image}}", copy),
    (await docker("image", "inspect", "--format", "{{.Id}}", image)).replace("sha256:", ""),
  );
});

test("podman: what it can't be given is refused by name", async () => {
  await place.startInDocker("--init");
  const { verdicts, findings } = await check(task);
  const rules = findings.filter(({ severity }) => severity === "blocker").map(({ rule }) => rule);
  assert.deepEqual([verdicts.resume, verdicts.restore], ["blocked", "blocked"]);
  assert.ok(rules.includes("target.podman") && rules.includes("restore.engine"), rules.join());
});

test("podman: a program starts anew there, with its files", async () => {
  await place.startInDocker();
  const result = await migrate({ ...task, strategy: "replatform" });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  await eventually("a new beginning", beganTwice);
  await place.assertNothingStays();
});

test("podman: an archive's container goes on there", async () => {
  await place.startInDocker();
  const archive = join(place.folder, "to-podman.tar.zst");
  await takeCheckpoint({ container: `docker:${name}`, output: archive });
  const result = await restore({ archive, name: copy, targetEngine: "podman" });
  assert.equal(result.status, "restored", JSON.stringify(result));
  await place.assertCounts(() => place.podmansCount(copy));
  await place.assertNothingStays();
});

test("podman: a failed move there is undone, and the container goes on", async () => {
  await place.startInDocker();
  const result = await migrate({ ...task, healthCommand: ["/counter-that-is-not-there"] });
  assert.equal(result.status, "rolled-back", JSON.stringify(result));
  assert.deepEqual(result.remains, []);
  await place.assertCounts(() => place.dockersCount(name));
  assert.equal(await place.podman("ps", "--all", "--quiet"), "");
  await place.assertNothingStays();
});

for (const [point, decision] of [
  ["step apply", "roll-back"],
  ["step validate", "finish"],
  ["committed", "complete"],
] as const) {
  test(`podman: a move there that is killed before its entry \`${point}\` takes effect is ended by recover`, async () => {
    await place.startInDocker();
    const strike = { fault: "kill", point: { when: "before", what: point } } as const;
    const { struck } = await runMover(
      { ...task, sshConfig: "/dev/null", strategy: "resume", strike },
      place.stateFolder,
      async () => {},
    );
    assert.ok(struck);
    const [move] = await recover();
    assert.deepEqual([move?.decision, move?.running], [decision, true]);
    const isBack = decision === "roll-back";
    assert.equal(await place.dockersState(name), isBack ? "running" : "exited");
    assert.equal(await place.podman("ps", "--all", "--format", "{{.Names}}"), isBack ? "" : copy);
    await place.assertCounts(() => (isBack ? place.dockersCount(name) : place.podmansCount(copy)));
    await place.assertNothingStays();
  });
}
