import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { openLocalHost } from "../../host/local.ts";
import type { EngineObstacle } from "../docker/engine.ts";
import { bundleObstacles, readSurroundings, type Surroundings } from "./obstacles.ts";
import { recordOf } from "./record.ts";
import { configurationWith, stateWith } from "./testing/configurations.ts";

const none: Surroundings = { inForeground: false, networkDevices: [], outsideFiles: [], pipes: [] };
const own = ["pid", "mount", "ipc", "uts", "network"].map((type) => ({ type }));

interface Case {
  readonly configuration?: object;
  readonly surroundings?: Partial<Surroundings>;
  readonly lacksCriu?: boolean;
}

function obstaclesOf({ configuration = {}, surroundings = {}, lacksCriu = false }: Case): EngineObstacle[] {
  const record = recordOf(stateWith(), configurationWith(configuration), "runc");
  return bundleObstacles(record, "runc", { ...none, ...surroundings }, lacksCriu);
}

const cases: readonly (Case & { readonly seen: RegExp; readonly kind?: "ofMemory" | "isLost" })[] = [
  { configuration: { annotations: { "io.container.manager": "libpod" } }, seen: /^libpod keeps it/ },
  { surroundings: { inForeground: true }, seen: /waits for its end/ },
  { configuration: { process: { terminal: true } }, seen: /a terminal/ },
  { configuration: { hooks: { prestart: [{ path: "/opt/hook" }], poststop: [] } }, seen: /^it has hooks \(prestart\),/ },
  {
    configuration: { linux: { namespaces: own, devices: [{ path: "/dev/fuse" }, { path: "/dev/null" }] } },
    seen: /devices \(linux.devices\): \/dev\/fuse$/,
  },
  { configuration: { linux: { namespaces: own.slice(1) } }, seen: /^it shares with its machine: pid$/ },
  {
    configuration: { linux: { namespaces: [{ type: "pid", path: "/proc/7/ns/pid" }, ...own.slice(1)] } },
    seen: /namespaces of others: pid \(\/proc\/7\/ns\/pid\)$/,
  },
  { lacksCriu: true, seen: /without CRIU/, kind: "ofMemory" },
  { surroundings: { outsideFiles: ["1 (/var/log/web.log)"] }, seen: /1 \(\/var\/log\/web\.log\)$/, kind: "ofMemory" },
  { surroundings: { pipes: ["1", "2"] }, seen: /^its standard descriptors 1, 2 are pipes/, kind: "isLost" },
  { surroundings: { networkDevices: ["eth0"] }, seen: /was given eth0/, kind: "isLost" },
];

for (const { seen, kind, ...situation } of cases) {
  test(`obstacles of bundles: ${seen.source}`, () => {
    const [obstacle, ...more] = obstaclesOf(situation);
    assert.deepEqual(more, []);
    assert.match(obstacle?.seen ?? "", seen);
    assert.notEqual(obstacle?.remedy, "");
    assert.deepEqual([obstacle?.ofMemory, obstacle?.isLost], [kind === "ofMemory" || undefined, kind === "isLost" || undefined]);
  });
}

test("obstacles of bundles: none of a plain one, of another's network namespace, and of devices in its machine's network", () => {
  assert.deepEqual(obstaclesOf({}), []);
  const joined = [...own.slice(0, 4), { type: "network", path: "/run/netns/web" }];
  assert.deepEqual(obstaclesOf({ configuration: { linux: { namespaces: joined } } }), []);
  const inHost = { configuration: { linux: { namespaces: own.slice(0, 4) } }, surroundings: { networkDevices: ["eth0"] } };
  assert.deepEqual(obstaclesOf(inHost), []);
});

test("obstacles of bundles: what a process has around it", async () => {
  await using host = openLocalHost();
  const child = spawn("unshare", ["--mount", "--net", "sh", "-c", "echo begun; exec 3<&0; cat <&3"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  try {
    await once(child.stdout, "data");
    const seen = await readSurroundings(host, child.pid!);
    assert.deepEqual([seen.inForeground, seen.networkDevices, seen.pipes], [false, [], []]);
    assert.equal(seen.outsideFiles.length, 1, JSON.stringify(seen));
    assert.match(seen.outsideFiles[0]!, /^2 \(\/dev\/null\)$/);
  } finally {
    child.kill("SIGKILL");
  }
});
