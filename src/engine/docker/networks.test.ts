import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ContainerRecord } from "./engine.ts";
import { createNetworkLike, findNetwork, mainNetwork, removeUnusedNetwork } from "./networks.ts";
import { openSandbox, type Sandbox } from "./testing/sandbox.ts";

let sandbox: Sandbox;
let name: string;
before(async () => {
  sandbox = await openSandbox();
  name = sandbox.image.replace(":test", "-network");
});
after(async () => {
  for (const each of [name, `${name}-like`]) await removeUnusedNetwork(sandbox.engine, each, ["made", "here"]);
  await sandbox[Symbol.asyncDispose]();
});

test("networks: one is made as another is, but for its device; it is removed when no container is to be in it", async () => {
  const { engine } = sandbox;
  await engine.client.createNetwork({
    ...{ Name: name, Driver: "bridge", Internal: true, Attachable: true, EnableIPv6: true },
    IPAM: {
      Driver: "default",
      Config: [
        {
          Subnet: "10.219.0.0/24",
          IPRange: "10.219.0.128/25",
          Gateway: "10.219.0.7",
          AuxiliaryAddresses: { printer: "10.219.0.200" },
        },
        { Subnet: "fd00:219::/64" },
      ],
    },
    Options: { "com.docker.network.bridge.name": "mc-test-net", "com.docker.network.driver.mtu": "1400" },
    Labels: { made: "here" },
  });
  const from = (await findNetwork(engine, name))!;
  await engine.client.getNetwork(name).remove();
  const other = `${name}-like`;
  await createNetworkLike(engine, { ...from, Name: other }, from.IPAM!.Config!, { more: "labels" });
  const { Id: _id, Created: _created, ...like } = (await findNetwork(engine, other))!;
  const { Id: _from, Created: _then, ...expected } = from;
  assert.deepEqual(like, {
    ...expected,
    Name: other,
    Options: { "com.docker.network.driver.mtu": "1400" },
    Labels: { made: "here", more: "labels" },
  });

  await removeUnusedNetwork(engine, other, ["made", "elsewhere"]);
  assert.ok((await findNetwork(engine, other)) !== undefined);
  const container = sandbox.name();
  await engine.client.createContainer({ Image: sandbox.image, name: container, HostConfig: { NetworkMode: other } });
  await removeUnusedNetwork(engine, other, ["made", "here"]);
  assert.ok((await findNetwork(engine, other)) !== undefined);
  await engine.remove(container);
  await removeUnusedNetwork(engine, other, ["made", "here"]);
  assert.equal(await findNetwork(engine, other), undefined);
  await removeUnusedNetwork(engine, other, ["made", "here"]);
});

test("networks: the one that a container was created in is known also where the user gave its id", () => {
  const within = (mode: string) =>
    mainNetwork({
      HostConfig: { NetworkMode: mode },
      NetworkSettings: { Networks: { front: { NetworkID: "abc1" }, ab: { NetworkID: "cd2" } } },
    } as unknown as ContainerRecord);
  assert.deepEqual(["abc1", "abc", "ab", "host"].map(within), ["front", "front", "ab", "host"]);
});
