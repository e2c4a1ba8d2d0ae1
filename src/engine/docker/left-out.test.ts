import assert from "node:assert/strict";
import test from "node:test";
import type { ContainerRecord } from "./engine.ts";
import { withoutNetworking, withoutVolumes } from "./left-out.ts";

const record = {
  Id: "1",
  Config: { Image: "web", MacAddress: "02:42:00:00:00:01", ExposedPorts: { "80/tcp": {} }, Volumes: { "/data": {} } },
  Mounts: [
    { Type: "volume", Name: "data", Destination: "/data" },
    { Type: "tmpfs", Destination: "/scratch" },
  ],
  HostConfig: {
    ...{ NetworkMode: "front", PortBindings: { "80/tcp": [{ HostPort: "80" }] }, Dns: ["9.9.9.9"], Memory: 1 },
    ...{
      Binds: ["/srv:/srv"],
      VolumesFrom: ["other"],
      Mounts: [
        { Type: "volume", Target: "/data" },
        { Type: "tmpfs", Target: "/t" },
      ],
    },
  },
  NetworkSettings: { Networks: { front: {} }, Ports: { "80/tcp": [] } },
} as unknown as ContainerRecord;

test("left out: without networking a container has the default network, and all else", () => {
  const { Config, HostConfig, NetworkSettings, Mounts } = withoutNetworking(record);
  assert.deepEqual(NetworkSettings.Networks, {});
  assert.deepEqual([HostConfig.NetworkMode, HostConfig.PortBindings, HostConfig.Dns], ["default", {}, undefined]);
  assert.deepEqual(Config, { Image: "web", ExposedPorts: {}, Volumes: { "/data": {} } });
  assert.deepEqual([HostConfig.Memory, HostConfig.Binds, Mounts], [1, ["/srv:/srv"], record.Mounts]);
});

test("left out: without volumes a container has its memory file systems, and all else", () => {
  const { Config, HostConfig, NetworkSettings, Mounts } = withoutVolumes(record);
  assert.deepEqual(Mounts, [{ Type: "tmpfs", Destination: "/scratch" }]);
  assert.deepEqual([HostConfig.Binds, HostConfig.VolumesFrom, Config.Volumes], [undefined, undefined, {}]);
  assert.deepEqual(HostConfig.Mounts, [{ Type: "tmpfs", Target: "/t" }]);
  assert.deepEqual([HostConfig.NetworkMode, NetworkSettings], ["front", record.NetworkSettings]);
});
