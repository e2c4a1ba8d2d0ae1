import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ensureImage } from "../lab/images.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { strategies } from "../src/compatibility/strategy.ts";
import { check, migrate } from "../src/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { ensureSource } from "./support/surroundings.ts";

const name = "move-volumes";
const volume = "move-volumes-data";
let machine: LabMachine;
let folder: string;
let bind: string;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  // Of /tmp the lab's machine has one of its own.
  folder = await mkdtemp("/tmp/move-volumes-");
  bind = join(folder, "bind");
});

after(async () => {
  await removeAll();
  await rm(folder, { recursive: true, force: true });
});

async function removeAll(): Promise<void> {
  await removeContainer(name);
  await removeContainer(`${name}-other`);
  await docker("volume", "rm", "--force", volume);
  await clear(machine, name);
  await on(machine, `docker volume rm --force ${volume}; rm -rf ${folder}`);
}

/** Appends numbers to a file that it holds open, keeps one in a mapped page, and makes, renames and removes files. */
const program = `
import mmap, os, time
os.makedirs("/data/many", exist_ok=True)
log = open("/data/log", "a", buffering=1)
open("/bind/page", "wb").write(b"0" * 4096)
page = mmap.mmap(os.open("/bind/page", os.O_RDWR), 4096)
n = 0
while True:
    n += 1
    page[0:12] = b"%012d" % n
    log.write("%d\\n" % n)
    path = "/data/many/%d" % (n % 50)
    open(path + ".new", "w").write(str(n))
    os.rename(path + ".new", path)
    if n % 7 == 0: os.unlink(path)
    time.sleep(0.002)
`;

async function start(): Promise<void> {
  await removeAll();
  await docker("volume", "create", "--label", "kept=yes", volume);
  const image = await ensureImage("python");
  const mounts = ["--volume", `${volume}:/data`, "--volume", `${bind}:/bind`, "--volume", "/anonymous"];
  await docker("run", "--detach", "--name", name, "--stop-timeout", "1", ...mounts, image, "python3", "-c", program);
  await docker("exec", name, "sh", "-c", "head -c 3M /dev/urandom >/anonymous/noise; ln /anonymous/noise /anonymous/again");
  await setTimeout(1500);
}

/** The numbers in the log there. */
async function numbers(): Promise<number[]> {
  return (await on(machine, `docker exec ${name} cat /data/log`)).split("\n").map(Number);
}

const sums = "find . -type f -exec sha256sum {} + | sort; find . -printf '%P %y %m %U:%G %T@ %n\\n' | sort";

for (const strategy of strategies) {
  test(`volumes and a bind mount come along, with the changes until the freeze, by ${strategy}`, async () => {
    await start();
    const options = { container: name, target: machine.target, sshConfig: machine.sshConfig, strategy };
    const result = await migrate(options);
    assert.equal(result.status, "migrated", JSON.stringify(result));
    // The source's are as they were at the freeze, and stay.
    const last = Number(
      (
        await docker("run", "--rm", "--volume", `${volume}:/data`, await ensureImage("python"), "tail", "-n", "1", "/data/log")
      ).trim(),
    );
    assert.ok(last > 100, String(last));
    await eventually("more numbers", async () => (await numbers()).length > last + 100, 60_000);
    const all = await numbers();
    const again = strategy === "replatform" ? all.slice(last) : all;
    assert.deepEqual(
      again,
      again.map((_, index) => index + 1),
    );
    const page = Number(await on(machine, `docker exec ${name} head -c 12 /bind/page`));
    assert.ok(strategy === "replatform" ? page > 0 : page > last, `${page} after ${last}`);
    assert.equal(await on(machine, `docker volume inspect --format '{{.Labels.kept}}' ${volume}`), "yes");
    const its = await on(machine, `docker inspect --format '{{range .Mounts}}{{.Name}} {{end}}' ${name}`);
    assert.deepEqual((await on(machine, "docker volume ls --quiet")).split("\n").toSorted(), its.trim().split(/ +/).toSorted());
    const anonymous = `docker exec --workdir /anonymous ${name} sh -c ${JSON.stringify(sums)}`;
    assert.equal(
      await on(machine, anonymous),
      await docker(
        "run",
        "--rm",
        "--volumes-from",
        name,
        "--workdir",
        "/anonymous",
        await ensureImage("python"),
        "sh",
        "-c",
        sums.replaceAll("\\\\", "\\"),
      ),
    );
  });
}

test("a volume of that name there, and one that another container has, too, are not touched: `check` says so", async () => {
  await start();
  await on(machine, `docker volume create ${volume}; mkdir -p ${bind}; echo theirs >${bind}/file`);
  const image = await ensureImage("python");
  await docker(
    "run",
    "--detach",
    "--name",
    `${name}-other`,
    "--stop-timeout",
    "1",
    "--volume",
    `${volume}:/data`,
    image,
    "sleep",
    "1000",
  );
  const { findings, verdicts } = await check({ container: name, target: machine.target, sshConfig: machine.sshConfig });
  assert.deepEqual(Object.values(verdicts), ["blocked", "blocked", "blocked"]);
  const seen = (rule: string) => findings.filter((finding) => finding.rule === rule).map((finding) => finding.seen);
  assert.deepEqual(seen("target.volume").toSorted(), [`it has ${bind}`, `it has a volume ${volume}`]);
  assert.deepEqual(seen("container.shared-volume"), [`${volume} is used by ${name}-other, too`]);
  const copied = await check({
    ...{ container: name, target: machine.target, sshConfig: machine.sshConfig, copyShared: true },
    binds: { [bind]: join(folder, "other") },
  });
  assert.deepEqual(copied.blockers.resume, ["target.volume"]);
  assert.ok(copied.findings.some(({ rule }) => rule === "container.copied-volume"));
  const without = await migrate({
    ...{ container: name, target: machine.target, sshConfig: machine.sshConfig, dryRun: true },
    preserveVolumes: false,
    strategy: "replatform",
  });
  assert.equal(without.status, "planned", JSON.stringify(without));
});

test("a folder gets another path there, and what is there already is used where that is said", async () => {
  await start();
  const there = join(folder, "other");
  const options = { container: name, target: machine.target, sshConfig: machine.sshConfig };
  const missing = await check({ ...options, bindsThere: [bind] });
  assert.deepEqual(missing.blockers.resume, ["target.bind"]);
  await assert.rejects(check({ ...options, binds: { "/nowhere": there } }), {
    code: "usage",
    message: /no bind mount of \/nowhere/,
  });
  const result = await migrate({ ...options, binds: { [bind]: there } });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  const first = Number(await on(machine, `head -c 12 ${there}/page`));
  await eventually("a later number", async () => Number(await on(machine, `head -c 12 ${there}/page`)) > first, 60_000);

  await start();
  await on(machine, `mkdir -p ${bind}; echo theirs >${bind}/file`);
  const anew = await migrate({ ...options, bindsThere: [bind], strategy: "replatform" });
  assert.equal(anew.status, "migrated", JSON.stringify(anew));
  assert.equal(await on(machine, `docker exec ${name} cat /bind/file`), "theirs");
});

test("a move that fails after volumes were copied leaves nothing of them there", async () => {
  await start();
  const result = await migrate({
    ...{ container: name, target: machine.target, sshConfig: machine.sshConfig },
    healthCommand: ["false"],
  });
  assert.equal(result.status, "rolled-back", JSON.stringify(result));
  assert.equal(await on(machine, `docker volume ls --quiet --filter name=${volume}; ls -d ${bind} 2>/dev/null || true`), "");
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", name), "running");
});
