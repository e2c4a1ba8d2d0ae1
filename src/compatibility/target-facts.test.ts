import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findCriu } from "../criu/bundle/find-criu.ts";
import { DockerEngine } from "../engine/docker/engine.ts";
import { openSandbox } from "../engine/docker/testing/sandbox.ts";
import { targetPaths } from "../engine/resume-runtime/wrapper.ts";
import { openLocalHost } from "../host/local.ts";
import { openHost } from "../host/open.ts";
import { startSshd } from "../host/testing/sshd.ts";
import { makeUser } from "../host/testing/user.ts";
import { examine } from "./examine.ts";
import { readSubject } from "./subject.ts";
import { readTargetFacts } from "./target-facts.ts";
import { subjectWith } from "./testing/situations.ts";

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
  assert.deepEqual(facts.criu, { ...(await findCriu()), problems: [] });
  for (const name of ["bridge", "host", "none"]) assert.ok(facts.networks.has(name));
  assert.match(facts.networks.get("bridge")?.[0] ?? "", /^[\d.]+\/\d+$/);
  assert.ok(facts.runtimes.every(({ path, program }) => path.endsWith(`/${program}`)) && facts.runtimes.length > 0);
  assert.ok(facts.timeNamespaces && facts.unshareSetsClocks);
  assert.match(facts.bootId, /^[0-9a-f-]{36}$/);
  assert.ok((facts.hostFacts.freeBytes.get(targetPaths.root) ?? 0) > 0);
  assert.ok((facts.hostFacts.freeBytes.get(facts.engine?.rootDirectory ?? "") ?? 0) > 0);
});

test("target: an engine that hangs ends in an error that names the machine", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "hanging-engine-"));
  const socket = join(folder, "docker.sock");
  const server = createHttpServer((request, response) => {
    if (request.url?.endsWith("/version") === true) response.end("{}");
  }).listen(socket);
  await once(server, "listening");
  context.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const { DOCKER_HOST: before } = process.env;
  process.env.DOCKER_HOST = `unix://${socket}`;
  await using host = openLocalHost();
  const engine = await DockerEngine.open(host).finally(() => {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
  });
  const late = { code: "target-unreachable", host: "local", details: { reason: "timed-out" } };
  await assert.rejects(readTargetFacts(host, engine, { deadlineMs: 300 }), { ...late, message: /took longer than 0\.3 s/ });
  await assert.rejects(readSubject(engine, "web", { deadlineMs: 300 }), { ...late, message: /web/ });
});

test("target: without an engine", async () => {
  await using host = openLocalHost();
  const facts = await readTargetFacts(host, undefined);
  assert.equal(facts.engine, undefined);
  assert.equal(facts.containerNames.size, 0);
  assert.ok(facts.hostFacts.memoryTotal > 0);
});

for (const [what, groups, hindrances] of [
  ["only in the group docker", ["docker"], ["target.root"]],
  ["in no group", [], ["target.engine", "target.root"]],
] as const) {
  test(`target: a user that is ${what} and has no sudo finds out all the same, and is told what to do`, async () => {
    await using user = await makeUser(groups);
    await using sshd = await startSshd(user.name);
    await using host = await openHost(sshd.target, { configFile: sshd.configFile });
    const opened = DockerEngine.open(host);
    if (hindrances.length > 1) await assert.rejects(opened, { code: "engine-unavailable", remedy: /sudo/ });
    const facts = await readTargetFacts(host, await opened.catch(() => undefined));
    const report = examine(subjectWith(), facts);
    const found = report.findings.filter(({ rule }) => rule === "target.root" || rule === "target.engine");
    assert.deepEqual(found.map(({ rule }) => rule).sort(), hindrances);
    const root = found.find(({ rule }) => rule === "target.root");
    assert.match(root?.seen ?? "", /sudo: a password is required/);
    assert.match(root?.remedy ?? "", new RegExp(`\`${user.name} ALL=.ALL:ALL. NOPASSWD: ALL\``));
    assert.deepEqual(Object.values(report.verdicts), ["blocked", "blocked", "blocked"]);
  });
}

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
