import assert from "node:assert/strict";
import test from "node:test";
import { configuration, specification } from "../../testing/foreign-layout.ts";
import { parseForeignContainer } from "./documents.ts";

const parsed = (config: object, spec: object = {}) =>
  parseForeignContainer(JSON.stringify({ ...configuration, ...config }), JSON.stringify({ ...specification, ...spec }));
const linux = (more: object) => ({ linux: { ...specification.linux, ...more } });
const namespaces = (...types: string[]) => types.map((type) => ({ type }));

test("foreign documents: podman's record as Docker would have it", () => {
  const { record } = parsed(
    {
      rootfsImageID: "a".repeat(64),
      labels: { note: "kept" },
      stopSignal: 2,
      stopTimeout: 7,
      shmSize: 1024,
      createNetNS: true,
      newPortMappings: [{ host_ip: "127.0.0.1", container_port: 80, host_port: 8080, range: 2, protocol: "tcp,udp" }],
      namedVolumes: [{ volumeName: "data", dest: "/data", options: ["rw"] }],
    },
    {
      hostname: "web",
      process: {
        ...specification.process,
        terminal: true,
        user: { uid: 7, gid: 8 },
        rlimits: [{ type: "RLIMIT_NOFILE", soft: 10, hard: 2 ** 64 }],
      },
      mounts: [
        { destination: "/run", type: "tmpfs", source: "tmpfs", options: ["rw", "rprivate", "tmpcopyup", "size=64k"] },
        { destination: "/data", type: "bind", source: "/store/data/_data", options: ["rbind"] },
        { destination: "/host", type: "bind", source: "/etc", options: ["rbind", "ro"] },
      ],
      ...linux({
        resources: { memory: { limit: 1000, swap: -1 }, cpu: { quota: 50 }, pids: { limit: 3 } },
        sysctl: { "net.core.somaxconn": "9" },
      }),
    },
  );
  const { Config: config, HostConfig: host } = record;
  assert.deepEqual([config.User, config.Hostname, config.Tty, config.Labels.note], ["7:8", "web", true, "kept"]);
  assert.deepEqual([Reflect.get(config, "StopSignal"), Reflect.get(config, "StopTimeout")], ["2", 7]);
  assert.deepEqual(Object.keys(host.PortBindings), ["80/tcp", "81/tcp", "80/udp", "81/udp"]);
  assert.deepEqual(host.PortBindings["81/udp"], [{ HostIp: "127.0.0.1", HostPort: "8081" }]);
  assert.deepEqual(host.Tmpfs, { "/run": "rw,size=64k" });
  assert.deepEqual(host.Binds, ["data:/data", "/etc:/host:ro"]);
  assert.deepEqual(
    record.Mounts.map(({ Type, Name, Destination, RW }) => [Type, Name, Destination, RW]),
    [
      ["volume", "data", "/data", true],
      ["bind", undefined, "/host", false],
    ],
  );
  assert.deepEqual(host.Ulimits, [{ Name: "nofile", Soft: 10, Hard: -1 }]);
  assert.deepEqual([host.Memory, host.MemorySwap, host.CpuQuota, host.PidsLimit], [1000, undefined, 50, 3]);
  assert.deepEqual([host.NetworkMode, host.IpcMode, host.PidMode, host.ShmSize], ["bridge", "private", "", 1024]);
  assert.deepEqual(host.CapAdd, ["CAP_SYS_PTRACE"]);
  assert.equal(host.CapDrop.includes("CAP_CHOWN"), false);
  assert.equal(host.CapDrop.length, 13);
});

test("foreign documents: what is the machine's becomes a request", () => {
  const asked = (config: object, spec: object) =>
    parsed(config, spec).hostRequests.map(({ field, value }) => `${field}=${value}`);
  const always = ["CapAdd=CAP_SYS_PTRACE"];
  const without = (...types: string[]) =>
    asked(
      {},
      {
        mounts: [],
        ...linux({ devices: [], namespaces: specification.linux.namespaces.filter(({ type }) => !types.includes(type)) }),
      },
    );
  assert.deepEqual(without("network"), ["NetworkMode=host", ...always]);
  assert.deepEqual(without("ipc", "uts").toSorted(), [...always, "IpcMode=host", "UTSMode=host"]);
  const bare = asked(
    { privileged: true, newNetworks: { own: {} }, createNetNS: true },
    { mounts: [], linux: { namespaces: namespaces("pid", "network", "ipc", "uts") } },
  );
  for (const field of ["Privileged", "SecurityOpt", "MaskedPaths", "ReadonlyPaths", "NetworkMode"])
    assert.ok(
      bare.some((request) => request.startsWith(`${field}=`)),
      `${field}: ${bare}`,
    );
});

test("foreign documents: what Docker has no words for is an obstacle", () => {
  const of = (config: object, spec: object = {}) =>
    parsed(config, spec)
      .obstacles.map(({ what }) => what)
      .join();
  assert.equal(of({}), "");
  assert.match(of({ idMappingsOptions: { HostUIDMapping: false } }), /user namespace/);
  assert.match(of({}, linux({ namespaces: namespaces("pid", "user") })), /user namespace/);
  assert.match(of({ netNsCtr: "abc", ipcNsCtr: "abc" }), /net, ipc/);
  assert.match(of({}, linux({ namespaces: namespaces("network") })), /pid \(with its machine\)/);
  assert.match(of({}, linux({ namespaces: [{ type: "pid", path: "/proc/7/ns/pid" }] })), /pid \(with its pod\)/);
  assert.match(of({}, { mounts: [{ destination: "/x", type: "overlay", source: "overlay" }] }), /overlay at \/x/);
});
