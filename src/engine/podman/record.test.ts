import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerRecord } from "../docker/engine.ts";
import { defaultCapabilities } from "../docker/security.ts";
import type { PodmanDetails } from "./details.ts";
import { podmanObstacles } from "./obstacles.ts";
import { asDockers } from "./record.ts";

const usual = defaultCapabilities.map((name) => `CAP_${name}`);
const details: PodmanDetails = {
  ...{ runtime: "crun", pod: "", hasInit: false, hasSeccomp: true, secrets: [] },
  ...{ capabilities: usual, maskedPaths: ["/proc/kcore"], readonlyPaths: ["/proc/sys"] },
};

/** As Podman 4.3 tells it to Docker's clients. */
function recordWith(host: object = {}, more: object = {}): ContainerRecord {
  return {
    ...{ Id: "c".repeat(64), Driver: "overlay", GraphDriver: { Name: "overlay", Data: { UpperDir: "/upper" } } },
    ...{ Path: "/bin/sh", Args: ["-c", "exec sleep 9", "x"], AppArmorProfile: "containers-default-0.50.1" },
    Config: { Entrypoint: ["/bin/sh", "-c", "exec", "sleep", "9"], Cmd: ["x"], Labels: {} },
    NetworkSettings: { Networks: { podman: { NetworkID: "podman" } } },
    HostConfig: {
      ...{ NetworkMode: "bridge", Runtime: "oci", RestartPolicy: { Name: "", MaximumRetryCount: 0 }, MemorySwappiness: 0 },
      ...{
        Binds: ["vol:/data:rw,rprivate,nosuid,nodev,rbind", "/srv:/srv:ro,rshared,rbind"],
        Tmpfs: { "/run": "rw,tmpcopyup,size=1m" },
      },
      ...{ Ulimits: [{ Name: "RLIMIT_NOFILE", Soft: 1, Hard: 2 }], IpcMode: "shareable", PidMode: "private", UTSMode: "private" },
      ...host,
    },
    ...more,
  } as unknown as ContainerRecord;
}

test("podman's record: all is named as Docker names it", () => {
  const record = asDockers(recordWith(), details);
  const { HostConfig: host, Config: config } = record;
  assert.deepEqual([record.Driver, record.GraphDriver.Name, record.AppArmorProfile], ["overlay2", "overlay2", ""]);
  assert.deepEqual(Object.keys(record.NetworkSettings.Networks), ["bridge"]);
  assert.deepEqual([host.NetworkMode, host.Runtime, host.RestartPolicy?.Name], ["bridge", "crun", "no"]);
  assert.deepEqual(host.Binds, ["vol:/data:rw", "/srv:/srv:ro,rshared"]);
  assert.deepEqual(host.Tmpfs, { "/run": "rw,size=1m" });
  assert.deepEqual(host.Ulimits, [{ Name: "nofile", Soft: 1, Hard: 2 }]);
  assert.deepEqual([host.IpcMode, host.PidMode, host.UTSMode], ["private", "", ""]);
  assert.equal(host.MemorySwappiness, undefined);
  assert.deepEqual([host.CapAdd, host.CapDrop, host.SecurityOpt], [[], [], []]);
  assert.deepEqual([host.MaskedPaths, host.ReadonlyPaths], [["/proc/kcore"], ["/proc/sys"]]);
  // Podman has split the entry point's last word at its spaces.
  assert.deepEqual([config.Entrypoint, config.Cmd], [["/bin/sh", "-c", "exec sleep 9"], ["x"]]);
});

test("podman's record: what is not Docker's default is asked for", () => {
  const capabilities = [...usual.filter((name) => name !== "CAP_MKNOD"), "CAP_SYS_TIME"];
  const record = asDockers(recordWith({ NanoCpus: 5e8, CpuPeriod: 1e5, CpuQuota: 5e4, PidMode: "host" }), {
    ...details,
    capabilities,
    hasSeccomp: false,
  });
  const {
    CapAdd: added,
    CapDrop: dropped,
    SecurityOpt: options,
    CpuPeriod: period,
    CpuQuota: quota,
    PidMode: pid,
  } = record.HostConfig;
  assert.deepEqual([added, dropped, options], [["CAP_SYS_TIME"], ["CAP_MKNOD"], ["seccomp=unconfined"]]);
  assert.deepEqual([period, quota, pid], [0, 0, "host"]);
});

test("podman's record: the network's name is the mode, unless it is the default one; no entry point stays none", () => {
  const networks = {
    NetworkSettings: { Networks: { backend: {} } },
    Config: { Entrypoint: [], Cmd: ["/bin/sh", "-c", "exec sleep 9", "x"] },
  };
  const record = asDockers(recordWith({}, networks), details);
  assert.equal(record.HostConfig.NetworkMode, "backend");
  assert.equal(record.Config.Entrypoint, undefined);
  assert.equal(asDockers(recordWith({ NetworkMode: "host" }), details).HostConfig.NetworkMode, "host");
});

test("podman: each thing that can't be moved is named, and nothing else", () => {
  const engine = { securityOptions: new Set(["seccomp"]), nativeOverlay: true, lacksCriu: false };
  assert.deepEqual(podmanObstacles(asDockers(recordWith(), details), details, engine), []);
  const seen = (record: ContainerRecord, more: Partial<PodmanDetails> = {}, changes: Partial<typeof engine> = {}) =>
    podmanObstacles(asDockers(record, details), { ...details, ...more }, { ...engine, ...changes }).map((each) => each.seen);
  const cases: [string[], RegExp][] = [
    [seen(recordWith(), {}, { securityOptions: new Set(["rootless"]) }), /rootless/],
    [seen(recordWith(), { pod: "p".repeat(64) }), /^it is in the pod p{12}$/],
    [seen(recordWith(), { hasInit: true }), /--init/],
    [seen(recordWith(), {}, { lacksCriu: true }), /crun was built without CRIU/],
    [seen(recordWith(), { secrets: ["token"] }), /--secret\): token/],
    [seen(recordWith({ RestartPolicy: { Name: "on-failure" } })), /restart policy is on-failure/],
    [seen(recordWith({}, { Config: { Labels: { PODMAN_SYSTEMD_UNIT: "web.service" } } })), /systemd unit web.service/],
    [seen(recordWith(), {}, { nativeOverlay: false }), /metacopy/],
  ];
  for (const [found, expected] of cases) {
    assert.equal(found.length, 1, String(expected));
    assert.match(found[0]!, expected);
  }
});
