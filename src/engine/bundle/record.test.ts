import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutNetworking, withoutVolumes } from "../docker/left-out.ts";
import { withOtherBinds } from "../docker/other-binds.ts";
import { configurationLike } from "./create.ts";
import { asBundle, isOfBundle, recordOf } from "./record.ts";
import { configurationWith, stateWith } from "./testing/configurations.ts";

const name = { name: "web" };

test("records of bundles: a container is told as Docker tells its own", () => {
  const { Id, Name, State, HostConfig, Config, Mounts } = recordOf(stateWith(), configurationWith(), "runc");
  assert.deepEqual([Id, Name, HostConfig.Runtime, Config.Hostname], ["web", "/web", "runc", "web"]);
  assert.deepEqual([State.Running, State.Paused, State.Pid, State.StartedAt], [true, false, 500, "2026-11-30T06:00:00Z"]);
  assert.deepEqual(
    Mounts.map(({ Type, Source, Destination, RW }) => [Type, Source, Destination, RW]),
    [
      ["bind", "/srv/web", "bundle", true],
      ["bind", "/srv/web/rootfs", "/", true],
      ["bind", "/srv/data", "/data", false],
    ],
  );
  assert.deepEqual([HostConfig.Tmpfs, HostConfig.SecurityOpt], [{ "/scratch": "nosuid" }, ["seccomp=unconfined"]]);
});

test("records of bundles: how it stands", () => {
  const states = ["created", "running", "paused", "stopped"].map(
    (status) => recordOf(stateWith({ status }), configurationWith(), "runc").State,
  );
  assert.deepEqual(
    states.map(({ Status, Running, Paused }) => [Status, Running, Paused]),
    [
      ["created", false, false],
      ["running", true, false],
      ["paused", true, true],
      ["exited", false, false],
    ],
  );
});

test("records of bundles: whose network it is in", () => {
  const modeOf = (...namespaces: readonly { readonly type: string; readonly path?: string }[]) =>
    recordOf(stateWith(), configurationWith({ linux: { namespaces } }), "runc").HostConfig.NetworkMode;
  assert.equal(modeOf({ type: "network" }), "none");
  assert.equal(modeOf({ type: "network", path: "/run/netns/web" }), "container:/run/netns/web");
  assert.equal(modeOf({ type: "pid" }), "host");
});

test("records of bundles: without volumes the root file system stays, and the mount is left out", () => {
  const record = withoutVolumes(recordOf(stateWith(), configurationWith(), "runc"), isOfBundle);
  assert.deepEqual(
    record.Mounts.map(({ Destination }) => Destination),
    ["bundle", "/"],
  );
  const { mounts = [], root } = configurationLike(record, name);
  assert.equal(root.path, "rootfs");
  assert.deepEqual(
    mounts.map(({ destination }) => destination),
    ["/proc", "/scratch"],
  );
});

test("records of bundles: without its machine's network it gets one of its own", () => {
  const record = recordOf(stateWith(), configurationWith({ linux: { namespaces: [{ type: "pid" }] } }), "runc");
  assert.deepEqual(configurationLike(record, name).linux.namespaces, [{ type: "pid" }]);
  assert.deepEqual(configurationLike(withoutNetworking(record), name).linux.namespaces, [{ type: "pid" }, { type: "network" }]);
});

test("records of bundles: other folders on the target are those of its configuration there", () => {
  const paths = new Map([
    ["/srv/web", "/mnt/web"],
    ["/srv/web/rootfs", "/mnt/web/rootfs"],
    ["/srv/data", "/mnt/data"],
  ]);
  const record = withOtherBinds(recordOf(stateWith(), configurationWith(), "runc"), paths);
  const { root, mounts = [] } = configurationLike(record, name);
  assert.equal(root.path, "rootfs");
  assert.equal(mounts.find(({ destination }) => destination === "/data")?.source, "/mnt/data");
});

test("records of bundles: another's container is none", () => {
  const { BundleConfiguration: _configuration, ...dockers } = recordOf(stateWith(), configurationWith(), "runc");
  assert.throws(() => asBundle(dockers), { code: "incompatible" });
});
