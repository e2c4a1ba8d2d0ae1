import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { openPodmanStore, type PodmanStore } from "../../checkpoint/testing/podman-store.ts";
import { openLocalHost } from "../../host/local.ts";
import { eventually } from "../../resume/testing/eventually.ts";
import { PodmanService } from "./service.ts";

let store: PodmanStore;
before(async () => {
  store = await openPodmanStore();
  Object.assign(process.env, store.environment);
});
after(async () => {
  for (const name of Object.keys(store.environment)) delete process.env[name];
  await store[Symbol.asyncDispose]();
});

/** Ids of the processes that serve there. */
async function servers({ socketPath }: PodmanService): Promise<string[]> {
  const { stdout } = await execa("pgrep", ["-f", `^podman system service.*${dirname(socketPath)}`], { reject: false });
  return stdout.split("\n").filter((line) => line !== "");
}

test("podman's service: one for all who ask at once, anew when it has ended, and none afterwards", async () => {
  await using host = openLocalHost();
  const service = new PodmanService(host);
  await Promise.all([service.ensure(), service.ensure(), service.ensure()]);
  const [first, ...others] = await servers(service);
  assert.ok(first !== undefined);
  assert.deepEqual(others, []);
  process.kill(Number(first), "SIGKILL");
  await eventually("another service", async () => {
    await service.ensure();
    const [next] = await servers(service);
    return next !== undefined && next !== first;
  });
  assert.ok(existsSync(service.socketPath));
  await service[Symbol.asyncDispose]();
  assert.deepEqual(await servers(service), []);
  assert.ok(!existsSync(dirname(service.socketPath)));
});

test("podman's service: that there is no Podman is told", async () => {
  const path = process.env.PATH;
  process.env.PATH = "/nowhere";
  try {
    await using host = openLocalHost();
    await using service = new PodmanService({
      ...host,
      name: "local",
      stream: (command, options) => host.stream(["/bin/sh", ...command.slice(1)], options),
    } as typeof host);
    await assert.rejects(service.ensure(), { code: "engine-unavailable", message: /Podman is not installed/, host: "local" });
  } finally {
    process.env.PATH = path;
  }
});
