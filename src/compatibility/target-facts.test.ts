import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { DockerEngine } from "../engine/docker/engine.ts";
import { openSandbox } from "../engine/docker/testing/sandbox.ts";
import { targetPaths } from "../engine/resume-runtime/wrapper.ts";
import { openLocalHost } from "../host/local.ts";
import { examine } from "./examine.ts";
import { readSubject } from "./subject.ts";
import { readTargetFacts } from "./target-facts.ts";

test("target: this machine", async (context) => {
  const server = createServer().listen(0, "127.0.0.1");
  context.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await using host = openLocalHost();
  const facts = await readTargetFacts(host, await DockerEngine.open(host));
  assert.ok(facts.usedPorts.some((used) => used.protocol === "tcp" && used.address === "127.0.0.1" && used.port === port));
  assert.ok(facts.addresses.has("127.0.0.1"));
  assert.deepEqual(facts.missingTools, []);
  assert.ok(facts.runtimes.every(({ path, program }) => path.endsWith(`/${program}`)) && facts.runtimes.length > 0);
  assert.match(facts.bootId, /^[0-9a-f-]{36}$/);
  assert.ok((facts.hostFacts.freeBytes.get(targetPaths.root) ?? 0) > 0);
  assert.ok((facts.hostFacts.freeBytes.get(facts.engine?.rootDirectory ?? "") ?? 0) > 0);
});

test("target: without an engine", async () => {
  await using host = openLocalHost();
  const facts = await readTargetFacts(host, undefined);
  assert.equal(facts.engine, undefined);
  assert.equal(facts.containerNames.size, 0);
  assert.ok(facts.hostFacts.memoryTotal > 0);
});

test("target: names and ports that are taken stand in the way", async () => {
  await using sandbox = await openSandbox();
  const { engine } = sandbox;
  const id = await sandbox.run(["sleep", "1000"], {
    ExposedPorts: { "80/tcp": {}, "53/udp": {} },
    HostConfig: {
      PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }], "53/udp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
    },
  });
  const subject = await readSubject(engine, id);
  const given = Object.values(subject.container.NetworkSettings.Ports).flatMap(
    (places) => places?.map(({ HostPort: port }) => Number(port)) ?? [],
  );
  const target = await readTargetFacts(engine.host, engine);
  for (const port of given) assert.ok(target.usedPorts.some((used) => used.port === port));
  assert.equal(given.length, 2);
  const rules = examine(subject, target).findings.map(({ rule }) => rule);
  assert.ok(rules.includes("target.name"));
  assert.ok(rules.includes("container.chosen-ports"));
  assert.ok(!examine(subject, target, { name: sandbox.name() }).findings.some(({ rule }) => rule === "target.name"));
});
