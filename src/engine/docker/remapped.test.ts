import assert from "node:assert/strict";
import test from "node:test";
import type { ContainerRecord } from "./engine.ts";
import type { NetworkRecord } from "./networks.ts";
import { withOtherNetworks, withPublished } from "./remapped.ts";

function containerIn(NetworkMode: string, Networks: object): ContainerRecord {
  return {
    Config: { ExposedPorts: { "80/tcp": {} } },
    HostConfig: { NetworkMode, PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "80" }], "53/udp": [{ HostPort: "53" }] } },
    NetworkSettings: { Networks, Ports: {} },
  } as unknown as ContainerRecord;
}

const shop = { NetworkID: "1a", Aliases: ["db"], IPAMConfig: { IPv4Address: "10.0.0.9" } };
const record = { Name: "shop", Id: "1a", Driver: "bridge", Scope: "local", Internal: true } as NetworkRecord;

test("remapped: another network of a container is as the old one was, without the address that was chosen in that", () => {
  const container = containerIn("1a", { shop, back: { Aliases: [] } });
  const other = withOtherNetworks(
    { host: "local", container, networks: [record, { ...record, Name: "back" }] },
    { shop: "front" },
  );
  assert.equal(other.container.HostConfig.NetworkMode, "front");
  assert.deepEqual(other.container.NetworkSettings.Networks, { front: { ...shop, IPAMConfig: null }, back: { Aliases: [] } });
  assert.deepEqual(other.networks, [
    { ...record, Name: "front" },
    { ...record, Name: "back" },
  ]);
  const archived = withOtherNetworks({ host: "local", container, networks: undefined }, { shop: "front" });
  assert.deepEqual([archived.container, archived.networks], [other.container, undefined]);
});

test("remapped: Docker's default network has an ordinary one in its place, and may take another's", () => {
  for (const mode of ["default", "bridge"]) {
    const { container, networks } = withOtherNetworks(
      { host: "local", container: containerIn(mode, { bridge: {} }), networks: [] },
      { bridge: "front" },
    );
    assert.equal(container.HostConfig.NetworkMode, "front");
    assert.deepEqual(Object.keys(container.NetworkSettings.Networks), ["front"]);
    assert.deepEqual(
      networks?.map(({ Name, Driver, Scope }) => [Name, Driver, Scope]),
      [["front", "bridge", "local"]],
    );
  }
  const back = withOtherNetworks(
    { host: "local", container: containerIn("shop", { shop }), networks: [record] },
    { shop: "bridge" },
  );
  assert.deepEqual([back.container.HostConfig.NetworkMode, back.networks], ["bridge", []]);
});

test("remapped: a network that it is not in, or would be in twice, is wrong usage", () => {
  const networked = { host: "local", container: containerIn("shop", { shop, back: {} }), networks: [record] };
  assert.throws(() => withOtherNetworks(networked, { shpo: "front" }), { code: "usage", message: /shpo/, remedy: /shop, back/ });
  assert.throws(() => withOtherNetworks(networked, { shop: "back" }), { code: "usage", message: /back` twice/ });
});

test("remapped: a port is published where it shall be, and the others where they were", () => {
  const { Config, HostConfig } = withPublished(containerIn("default", {}), [
    { port: "80/tcp", hostPort: 8080, address: "127.0.0.1" },
    { port: "80/tcp", hostPort: 8081, address: "" },
    { port: "443/tcp", hostPort: 8443, address: "" },
  ]);
  assert.deepEqual(HostConfig.PortBindings, {
    "80/tcp": [
      { HostIp: "127.0.0.1", HostPort: "8080" },
      { HostIp: "", HostPort: "8081" },
    ],
    "53/udp": [{ HostPort: "53" }],
    "443/tcp": [{ HostIp: "", HostPort: "8443" }],
  });
  assert.deepEqual(Config.ExposedPorts, { "80/tcp": {}, "443/tcp": {} });
});
