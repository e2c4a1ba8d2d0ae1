import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { ensureImage } from "../lab/images.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { strategies } from "../src/compatibility/strategy.ts";
import { check, migrate } from "../src/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { ensureSource } from "./support/surroundings.ts";

const name = "move-devices";
/** Of /tmp the lab's machine has one of its own, of /dev not. */
const folder = "/tmp/move-devices";
/** A device of this machine only, which gives zeros (it has the numbers of /dev/zero, mem(4)), and what the container calls it. */
const [ours, within] = [`${folder}/ours`, "/dev/ours"];
/** Others on the target: one with the same numbers, and one with those of /dev/full. */
const [same, full] = [`${folder}/same`, `${folder}/full`];
let machine: LabMachine;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  await execa("sh", ["-c", `mkdir -p ${folder}; rm -f ${ours}; mknod ${ours} c 1 5`]);
  await on(machine, `mkdir -p ${folder}; rm -f ${same} ${full}; mknod ${same} c 1 5; mknod ${full} c 1 7`);
});

after(async () => {
  await removeContainer(name);
  await clear(machine, name);
  await execa("rm", ["-rf", folder]);
  await on(machine, `rm -rf ${folder}`);
});

const program = "import time\nn = 0\nwhile True:\n  n += 1\n  print(n, flush=True)\n  time.sleep(0.01)";

async function start(...options: readonly string[]): Promise<void> {
  await removeContainer(name);
  await clear(machine, name);
  const image = await ensureImage("python");
  await docker("run", "--detach", "--name", name, "--stop-timeout", "1", ...options, image, "python3", "-c", program);
}

const where = () => ({ container: name, target: machine.target, sshConfig: machine.sshConfig });
const python = (program: string) => on(machine, `docker exec ${name} python3 -c '${program}'`);

async function assertGoesOn(): Promise<void> {
  const last = Number(await docker("logs", "--tail", "1", name));
  const there = async () => (await on(machine, `docker logs ${name}`)).split("\n").map(Number);
  await eventually("later numbers", async () => (await there()).length > last, 60_000);
  const all = await there();
  assert.deepEqual(
    all,
    all.map((_, index) => index + 1),
  );
}

for (const strategy of strategies) {
  test(`devices that are no hardware are there after a move by ${strategy}`, async () => {
    await start("--device", "/dev/net/tun", "--device", "/dev/fuse:/dev/fuse:r");
    const result = await migrate({ ...where(), strategy });
    assert.equal(result.status, "migrated", JSON.stringify(result));
    if (strategy !== "replatform") await assertGoesOn();
    await python('import os; os.open("/dev/net/tun", os.O_RDWR); os.open("/dev/fuse", os.O_RDONLY)');
    // The right to write was not given.
    await assert.rejects(python('import os; os.open("/dev/fuse", os.O_RDWR)'), /Operation not permitted/);
  });
}

test("a device that the target lacks is found before the freeze; another one takes its place where that is said", async () => {
  await start("--device", `${ours}:${within}`);
  const found = await check(where());
  assert.deepEqual(found.blockers, {
    resume: ["container.devices", "target.devices"],
    restore: ["container.devices", "target.devices"],
    replatform: ["target.devices"],
  });
  assert.match(found.findings.find(({ rule }) => rule === "target.devices")?.remedy ?? "", /--device/);
  await assert.rejects(check({ ...where(), devices: { "/dev/nothing": full } }), {
    code: "usage",
    message: /no device \/dev\/nothing/,
  });
  const devices = { [ours]: full };
  assert.deepEqual((await check({ ...where(), devices })).blockers, {
    resume: [],
    restore: ["restore.device-number"],
    replatform: [],
  });
  const result = await migrate({ ...where(), devices });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  await assertGoesOn();
  await assert.rejects(python(`import os; os.write(os.open("${within}", os.O_WRONLY), b"x")`), /No space left on device/);
  const given = JSON.parse(await on(machine, `docker inspect --format '{{json .HostConfig.Devices}}' ${name}`));
  assert.deepEqual(given, [{ PathOnHost: full, PathInContainer: within, CgroupPermissions: "rwm" }]);
});

test("CRIU restores a container with a device of another name and the same number", async () => {
  await start("--device", `${ours}:${within}`);
  const result = await migrate({ ...where(), devices: { [ours]: same }, strategy: "restore" });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  await assertGoesOn();
  assert.equal(await python(`print(open("${within}", "rb").read(2) == bytes(2))`), "True");
});
