import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerRecord } from "../../engine/docker/engine.ts";
import { hostRequests, withoutHostRequests } from "./host-requests.ts";

function record(config: object, mounts: readonly object[] = [], networks: object = {}): ContainerRecord {
  return { Id: "1", HostConfig: config, Mounts: mounts, NetworkSettings: { Networks: networks } } as unknown as ContainerRecord;
}

const ordinary = {
  Memory: 100_000_000,
  Tmpfs: { "/run": "" },
  NetworkMode: "default",
  IpcMode: "private",
  Binds: null,
  Privileged: false,
  MaskedPaths: ["/proc/kcore"],
  ReadonlyPaths: ["/proc/sys"],
  Runtime: "runc",
  RestartPolicy: { Name: "always" },
};

test("host requests: an ordinary container asks for nothing, and keeps its limits", () => {
  const tmpfs = [{ Type: "tmpfs", Destination: "/run" }];
  assert.deepEqual(hostRequests(record(ordinary, tmpfs)), []);
  assert.deepEqual(
    withoutHostRequests(record(ordinary, tmpfs), () => false),
    record(ordinary, tmpfs),
  );
});

for (const [field, value, told] of [
  ["Binds", ["/etc:/etc"], "/etc:/etc"],
  ["Mounts", [{ Type: "bind", Source: "/", Target: "/host" }], '{"Type":"bind","Source":"/","Target":"/host"}'],
  ["VolumesFrom", ["other"], "other"],
  ["Devices", [{ PathOnHost: "/dev/sda" }], '{"PathOnHost":"/dev/sda"}'],
  ["DeviceRequests", [{ Driver: "cdi" }], '{"Driver":"cdi"}'],
  ["DeviceCgroupRules", ["a *:* rwm"], "a *:* rwm"],
  ["Privileged", true, "true"],
  ["CapAdd", ["SYS_ADMIN"], "SYS_ADMIN"],
  ["SecurityOpt", ["seccomp=unconfined"], "seccomp=unconfined"],
  ["NetworkMode", "host", "host"],
  ["NetworkMode", "container:other", "container:other"],
  ["PidMode", "host", "host"],
  ["IpcMode", "host", "host"],
  ["UTSMode", "host", "host"],
  ["UsernsMode", "host", "host"],
  ["CgroupnsMode", "host", "host"],
  ["CgroupParent", "/system.slice", "/system.slice"],
  ["Sysctls", { "kernel.core_pattern": "|/x" }, "kernel.core_pattern=|/x"],
  ["Runtime", "evil", "evil"],
  ["PortBindings", { "22/tcp": [{ HostPort: "22" }] }, '22/tcp=[{"HostPort":"22"}]'],
  ["MaskedPaths", [], "[]"],
  ["ReadonlyPaths", [], "[]"],
  ["Annotations", { "cdi.k8s.io/x": "vendor.com/device=all" }, "cdi.k8s.io/x=vendor.com/device=all"],
  ["FieldOfANewerDocker", "x", "x"],
] as const) {
  test(`host requests: ${field} ${told} is told, and granted only when the user allows it`, () => {
    const asking = record({ ...ordinary, [field]: value });
    assert.deepEqual(hostRequests(asking), [{ field, value: told }]);
    const rest = Object.entries(ordinary).filter(([key]) => key !== field);
    assert.deepEqual(withoutHostRequests(asking, () => false).HostConfig, Object.fromEntries(rest));
    const granted = withoutHostRequests(asking, (request) => request.field === field && request.value === told);
    assert.deepEqual(granted.HostConfig, asking.HostConfig);
  });
}

test("host requests: of several binds only those that are allowed stay, with their mounts", () => {
  const mounts = [
    { Type: "bind", Source: "/etc", Destination: "/etc" },
    { Type: "bind", Source: "/srv", Destination: "/srv" },
    { Type: "volume", Name: "data", Source: "/var/lib/docker/volumes/data/_data", Destination: "/data" },
  ];
  const asking = record({ Binds: ["/etc:/etc", "/srv:/srv:ro"] }, mounts);
  assert.deepEqual(hostRequests(asking).at(-1), { field: "Volumes", value: "data:/data" });
  const kept = withoutHostRequests(asking, ({ value }) => value === "/srv:/srv:ro");
  assert.deepEqual(kept.HostConfig, { Binds: ["/srv:/srv:ro"] });
  assert.deepEqual(kept.Mounts, [mounts[1]]);
});

test("host requests: a container joins no network of the user's that isn't allowed", () => {
  const networks = { front: { Aliases: ["web"] }, back: {}, bridge: {} };
  const asking = record({ ...ordinary, NetworkMode: "front" }, [], networks);
  assert.deepEqual(hostRequests(asking), [
    { field: "NetworkMode", value: "front" },
    { field: "Networks", value: "back" },
  ]);
  const none = withoutHostRequests(asking, () => false);
  assert.deepEqual([none.HostConfig.NetworkMode, none.NetworkSettings.Networks], [undefined, {}]);
  const front = withoutHostRequests(asking, ({ field }) => field === "NetworkMode");
  assert.deepEqual([front.HostConfig.NetworkMode, Object.keys(front.NetworkSettings.Networks)], ["front", ["front"]]);
  const all = withoutHostRequests(asking, () => true);
  assert.deepEqual(Object.keys(all.NetworkSettings.Networks), ["front", "back"]);
});
