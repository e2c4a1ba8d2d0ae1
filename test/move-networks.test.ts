import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureImage } from "../lab/images.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { strategies } from "../src/compatibility/strategy.ts";
import { findNetwork } from "../src/engine/docker/networks.ts";
import { openSandbox, type Sandbox } from "../src/engine/docker/testing/sandbox.ts";
import { check, migrate } from "../src/index.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { ensureSource } from "./support/surroundings.ts";

const name = "move-networks";
const [front, back] = ["move-networks-front", "move-networks-back"];
const mac = "02:42:0a:dc:00:63";
let machine: LabMachine;
let sandbox: Sandbox;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  sandbox = await openSandbox();
});

after(async () => {
  await removeAll();
  await sandbox[Symbol.asyncDispose]();
});

async function removeAll(): Promise<void> {
  await removeContainer(name);
  for (const network of [front, back]) {
    if ((await findNetwork(sandbox.engine, network)) !== undefined) await docker("network", "rm", network);
  }
  await clear(machine, name);
  await on(machine, `docker network rm ${front} ${back} ${name}-theirs ${name}-other >/dev/null 2>&1; true`);
}

/** A counter in two networks, with an address, a name and a MAC address that the user chose. */
async function start(): Promise<void> {
  await removeAll();
  await docker("network", "create", "--subnet", "10.220.0.0/24", "--label", "kept=yes", front);
  await docker("network", "create", "--internal", "--subnet", "10.220.1.0/24", back);
  // A newer client gives no MAC address to an engine before API 1.44.
  const { client } = sandbox.engine;
  const container = await client.createContainer({
    ...{ name, Image: await ensureImage("python"), StopTimeout: 1, MacAddress: mac },
    Cmd: ["python3", "-c", "import time\nn = 0\nwhile True:\n  n += 1\n  print(n, flush=True)\n  time.sleep(0.02)"],
    HostConfig: { NetworkMode: front },
    NetworkingConfig: { EndpointsConfig: { [front]: { Aliases: ["database"], IPAMConfig: { IPv4Address: "10.220.0.99" } } } },
  });
  await client.getNetwork(back).connect({ Container: container.id, EndpointConfig: { Aliases: ["behind"] } });
  await container.start();
}

const where = () => ({ container: name, target: machine.target, sshConfig: machine.sshConfig });

const networksThere = () => on(machine, `docker network ls --quiet --filter name=${name}`);

for (const strategy of strategies) {
  test(`a container comes along with its networks, and its address in them is the same, by ${strategy}`, async () => {
    await start();
    const result = await migrate({ ...where(), strategy });
    assert.equal(result.status, "migrated", JSON.stringify(result));
    const [network] = JSON.parse(await on(machine, `docker network inspect ${front}`));
    assert.deepEqual(network.IPAM.Config, [{ Subnet: "10.220.0.0/24" }]);
    assert.equal(network.Labels.kept, "yes");
    const [behind] = JSON.parse(await on(machine, `docker network inspect ${back}`));
    assert.deepEqual([behind.Internal, behind.IPAM.Config], [true, [{ Subnet: "10.220.1.0/24" }]]);
    const [{ NetworkSettings: there }] = JSON.parse(await on(machine, `docker inspect ${name}`));
    assert.deepEqual([there.Networks[front].IPAddress, there.Networks[front].MacAddress], ["10.220.0.99", mac]);
    assert.match(there.Networks[back].IPAddress, /^10\.220\.1\./);
    const look = `import socket; print(socket.gethostbyname("database"), socket.gethostbyname("behind"), open("/sys/class/net/eth0/address").read())`;
    assert.equal(
      await on(machine, `docker exec ${name} python3 -c '${look}'`),
      `10.220.0.99 ${there.Networks[back].IPAddress} ${mac}`,
    );
    const starts = (await on(machine, `docker logs ${name}`)).split("\n").filter((line) => line === "1");
    assert.equal(starts.length, strategy === "replatform" ? 2 : 1);
  });
}

test("a container comes into other networks, and its port is published elsewhere; `check` is about them, too", async () => {
  await start();
  const other = `${name}-other`;
  await on(machine, `docker network create --subnet 10.220.0.0/24 ${name}-theirs`);
  const remapped = {
    networks: { [front]: other, [back]: `${name}-theirs` },
    publish: [{ port: "8000/tcp", hostPort: 18_094, address: "127.0.0.1" }],
  };
  const { findings } = await check({ ...where(), ...remapped });
  const seen = findings.filter(({ rule }) => rule === "target.subnet").map((finding) => finding.seen);
  assert.deepEqual(seen, [`its own addresses overlap 10.220.0.0/24 of the network ${other}`]);
  const result = await migrate({ ...where(), ...remapped });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  const [{ NetworkSettings: there }] = JSON.parse(await on(machine, `docker inspect ${name}`));
  assert.deepEqual(Object.keys(there.Networks).toSorted(), [other, `${name}-theirs`]);
  assert.match(there.Networks[`${name}-theirs`].IPAddress, /^10\.220\.0\./);
  assert.equal(await on(machine, `docker port ${name}`), "8000/tcp -> 127.0.0.1:18094");
  const look = `import socket; print(socket.gethostbyname("database"))`;
  assert.equal(await on(machine, `docker exec ${name} python3 -c '${look}'`), there.Networks[other].IPAddress);
  const wrong = migrate({ ...where(), networks: { nowhere: other }, dryRun: true });
  await assert.rejects(wrong, { code: "usage", message: /nowhere/ });
});

test("a move that fails removes the networks that it has made, and no others", async () => {
  await start();
  const planned = await migrate({ ...where(), dryRun: true });
  assert.ok(planned.status === "planned" && planned.plan.includes(`make the network ${front} there`), JSON.stringify(planned));
  assert.equal(await networksThere(), "");
  await on(machine, `docker network create --subnet 10.221.0.0/24 ${back}`);
  const result = await migrate({ ...where(), healthCommand: ["false"] });
  assert.equal(result.status, "rolled-back", JSON.stringify(result));
  assert.equal(await networksThere(), await on(machine, `docker network inspect --format '{{printf "%.12s" .Id}}' ${back}`));
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", name), "running");
});

test("a subnet that something else has there: `check` says so, and only a chosen address stands in the way", async () => {
  await start();
  await on(machine, `docker network create --subnet 10.220.1.128/25 ${name}-theirs`);
  const seen = async () =>
    (await check(where())).findings
      .filter(({ rule }) => rule === "target.subnet" || rule === "target.static-address")
      .map(({ rule, severity }) => [rule, severity]);
  assert.deepEqual(await seen(), [["target.subnet", "warning"]]);
  const result = await migrate(where());
  assert.equal(result.status, "migrated", JSON.stringify(result));
  const [network] = JSON.parse(await on(machine, `docker network inspect ${back}`));
  assert.ok(!network.IPAM.Config[0].Subnet.startsWith("10.220.1."), JSON.stringify(network.IPAM));

  await start();
  await on(machine, `docker network create --subnet 10.220.0.0/16 ${name}-theirs`);
  assert.deepEqual(await seen(), [
    ["target.static-address", "blocker"],
    ["target.subnet", "warning"],
  ]);
});
