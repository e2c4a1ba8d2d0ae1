import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureImage } from "../lab/images.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { type Strategy, strategies } from "../src/compatibility/strategy.ts";
import { check, migrate } from "../src/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { ensureSource } from "./support/surroundings.ts";

const name = "move-host-network";
const port = 18_211;
let machine: LabMachine;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
});

after(removeAll);

async function removeAll(): Promise<void> {
  await removeContainer(name);
  await removeContainer(`${name}-other`);
  await clear(machine, name);
  await clear(machine, `${name}-other`);
}

/** Tells each who connects how many have. */
const program = `
import socket
server = socket.create_server(("", ${port}))
n = 0
while True:
    client, _ = server.accept()
    n += 1
    client.sendall(b"%d" % n)
    client.close()
`;

/** What the program tells who connects to it, as seen from within the container. */
const asking = `import socket; print(socket.create_connection(("127.0.0.1", ${port})).recv(9).decode())`;
const askHere = () => docker("exec", name, "python3", "-c", asking);
const askThere = () => on(machine, `docker exec ${name} python3 -c '${asking}'`);

/** Starts the program in a network, and asks it twice. */
async function start(network: string): Promise<void> {
  await removeAll();
  const image = await ensureImage("python");
  if (network.startsWith("container:")) {
    await docker("run", "--detach", "--name", `${name}-other`, "--stop-timeout", "1", image, "sleep", "1000");
  }
  const options = ["--detach", "--name", name, "--stop-timeout", "1", "--network", network];
  await docker("run", ...options, image, "python3", "-c", program);
  await eventually("the program to be ready", askHere);
  assert.equal(await askHere(), "2");
}

const where = () => ({ container: name, target: machine.target, sshConfig: machine.sshConfig });
const modeThere = () => on(machine, `docker inspect --format '{{.HostConfig.NetworkMode}}' ${name}`);

async function assertGoesOn(strategy: Strategy): Promise<void> {
  const answer = await eventually("an answer", askThere);
  assert.equal(answer, strategy === "replatform" ? "1" : "3");
}

for (const network of ["host", "none"]) {
  for (const strategy of strategies) {
    test(`a container with --network=${network} has the target's after a move by ${strategy}, and listens there`, async () => {
      await start(network);
      const result = await migrate({ ...where(), strategy });
      assert.equal(result.status, "migrated", JSON.stringify(result));
      assert.equal(await modeThere(), network);
      await assertGoesOn(strategy);
      const listening = await on(machine, `ss -Hltn 'sport = :${port}'`);
      assert.equal(listening !== "", network === "host", listening);
    });
  }
}

test("a port of the machine's network that is taken there stands in the way; a network of its own does not", async () => {
  await start("host");
  const image = await ensureImage("python");
  await on(machine, `docker run --detach --name ${name}-other --publish ${port}:1 ${image} sleep 1000`);
  const taken = await check(where());
  assert.deepEqual(taken.blockers, {
    resume: ["target.host-port"],
    restore: ["target.host-port"],
    replatform: ["target.host-port"],
  });
  const own = { networks: { host: "bridge" }, publish: [{ port: `${port}/tcp`, hostPort: port + 1, address: "" }] };
  assert.deepEqual((await check({ ...where(), ...own })).blockers, { resume: [], restore: ["restore.network"], replatform: [] });
  const result = await migrate({ ...where(), ...own });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  assert.equal(await modeThere(), "bridge");
  await assertGoesOn("resume");
  assert.equal(await on(machine, `python3 -c '${asking.replace(String(port), String(port + 1))}'`), "4");
});

test("a container in another one's network can't take that along, and comes without it", async () => {
  await start(`container:${name}-other`);
  const joined = ["container.joined"];
  assert.deepEqual((await check(where())).blockers, { resume: joined, restore: joined, replatform: joined });
  assert.equal((await migrate(where())).status, "refused");
  const result = await migrate({ ...where(), preserveNetworking: false });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  assert.equal(result.strategy, "resume");
  await assertGoesOn("resume");
  await start(`container:${name}-other`);
  const restored = await migrate({ ...where(), preserveNetworking: false, strategy: "restore", dryRun: true });
  assert.equal(restored.status, "refused");
  assert.deepEqual(restored.report.blockers.restore, ["restore.network"]);
});
