import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptConfiguration, type BundleConfiguration, parseConfiguration } from "./configuration.ts";

const written = {
  ociVersion: "1.0.2",
  process: { args: ["/app"], cwd: "/", env: ["A=b"] },
  root: { path: "rootfs", readonly: true },
  mounts: [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/data", type: "bind", source: "data" },
    { destination: "/logs", source: "/var/log/app", options: ["rbind", "ro"] },
  ],
  linux: { namespaces: [{ type: "pid" }, { type: "network", path: "/run/netns/web" }], cgroupsPath: "/apps/web" },
};
const read = (changes: object = {}) => parseConfiguration(JSON.stringify({ ...written, ...changes }), "/srv/web", "local");
const adaptation = {
  ...{ from: "web", to: "web", folder: "/srv/web", ownNetwork: false, annotations: {} },
  paths: new Map([
    ["/", "/srv/web/rootfs"],
    ["/data", "/srv/web/data"],
    ["/logs", "/var/log/app"],
  ]),
};
const sourcesOf = ({ mounts = [] }: BundleConfiguration) => mounts.map(({ source }) => source);

test("configurations of bundles: paths are absolute, and all else is as it was written", () => {
  const configuration = read();
  assert.equal(configuration.root.path, "/srv/web/rootfs");
  assert.deepEqual(sourcesOf(configuration), ["proc", "/srv/web/data", "/var/log/app"]);
  assert.deepEqual(configuration.process, written.process);
});

test("configurations of bundles: what is none is told, and what to do", () => {
  for (const text of ["", "{,}", "null", '{"root": {"path": "rootfs"}, "process": {}}']) {
    assert.throws(() => parseConfiguration(text, "/srv/web", "ssh://board"), {
      code: "incompatible",
      host: "ssh://board",
      message: /\/srv\/web\/config\.json/,
    });
  }
});

test("configurations of bundles: on another machine the folders are where they were put, and one that was left out is not mounted", () => {
  const paths = new Map([
    ["/", "/srv/other/files"],
    ["/data", "/mnt/data"],
  ]);
  const { root, mounts = [] } = adaptConfiguration(read(), { ...adaptation, folder: "/srv/other", paths });
  assert.deepEqual(root, { path: "files", readonly: true });
  assert.deepEqual(
    mounts.map(({ destination, source }) => `${destination} ${source}`),
    ["/proc proc", "/data /mnt/data"],
  );
  const apart = adaptConfiguration(read(), { ...adaptation, folder: "/srv/other" });
  assert.equal(apart.root.path, "/srv/web/rootfs");
});

test("configurations of bundles: the cgroup is its own, whoever starts it, and has the new id where it had the old", () => {
  const pathOf = (cgroupsPath: string | undefined) =>
    adaptConfiguration(read({ linux: { ...written.linux, cgroupsPath } }), { ...adaptation, to: "copy" }).linux.cgroupsPath;
  assert.deepEqual(["/apps/web", "/apps/webs", "system.slice:runc:web", undefined].map(pathOf), [
    "/apps/copy",
    "/apps/webs",
    "system.slice:runc:copy",
    "/copy",
  ]);
});

test("configurations of bundles: it gets a network of its own where it is to leave another's", () => {
  const { namespaces } = adaptConfiguration(read(), { ...adaptation, ownNetwork: true }).linux;
  assert.deepEqual(namespaces, [{ type: "pid" }, { type: "network" }]);
});

test("configurations of bundles: annotations are added", () => {
  const configuration = read({ annotations: { note: "kept" } });
  const { annotations } = adaptConfiguration(configuration, { ...adaptation, annotations: { move: "one" } });
  assert.deepEqual(annotations, { note: "kept", move: "one" });
});
