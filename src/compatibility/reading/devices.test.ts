import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ContainerRecord } from "../../engine/docker/engine.ts";
import { openLocalHost } from "../../host/local.ts";
import { readDeviceNodes, readDevices } from "./devices.ts";

test("devices: what they are, also behind links, and folders; what is none is left out", async () => {
  await using host = openLocalHost();
  const folder = await mkdtemp(join(tmpdir(), "devices-"));
  try {
    await host.script('cd "$1"; mknod block b 259 300; ln -s /dev/full link; mkdir folder; touch file', [folder]);
    const paths = ["block", "link", "folder", "file", "nothing"].map((name) => join(folder, name));
    const nodes = await readDeviceNodes(host, ["/dev/null", ...paths]);
    assert.deepEqual(
      [...nodes].map(([path, { kind, number }]) => [path.replace(folder, ""), kind, number]),
      [
        ["/dev/null", "character device", "1:3"],
        ["/block", "block device", "259:300"],
        ["/link", "character device", "1:7"],
        ["/folder", "folder", "0:0"],
      ],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("devices: of a container, and those that are gone meanwhile", async () => {
  await using host = openLocalHost();
  const Devices = [
    { PathOnHost: "/dev/null", PathInContainer: "/dev/nothing" },
    { PathOnHost: "/dev/gone", PathInContainer: "/dev/gone" },
  ];
  assert.deepEqual(await readDevices(host, { HostConfig: { Devices } } as unknown as ContainerRecord), [
    {
      ...{ source: "/dev/null", destination: "/dev/nothing", there: "/dev/null", isChosen: false },
      node: { kind: "character device", number: "1:3" },
    },
    { source: "/dev/gone", destination: "/dev/gone", there: "/dev/gone", isChosen: false, node: undefined },
  ]);
});
