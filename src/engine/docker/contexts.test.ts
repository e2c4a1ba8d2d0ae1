import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { execa } from "execa";
import { openLocalHost } from "../../host/local.ts";
import { openHost } from "../../host/open.ts";
import { startSshd } from "../../host/testing/sshd.ts";
import { DockerEngine } from "./engine.ts";

const variables = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"] as const;
const docker = (...parameters: string[]) => execa("docker", parameters);

let folder: string;
let proxy: Server;
let socket: string;
let connections = 0;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "contexts-"));
  socket = join(folder, "second.sock");
  // A second socket of the same Docker, which tells whether it was used.
  proxy = createServer((near) => {
    connections++;
    const far = connect("/var/run/docker.sock");
    near.pipe(far).pipe(near);
    for (const each of [near, far]) each.on("error", () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(socket, resolve));
});
after(async () => {
  proxy.close();
  await rm(folder, { recursive: true, force: true });
});

const outside = new Map(variables.map((name) => [name, process.env[name]]));
beforeEach(() => {
  connections = 0;
  for (const name of variables) delete process.env[name];
  process.env.DOCKER_CONFIG = join(folder, crypto.randomUUID());
});
afterEach(() => {
  for (const [name, value] of outside) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

async function openAndCount(): Promise<number> {
  await DockerEngine.open(openLocalHost());
  return connections;
}

test("docker contexts: the one that is in use, then DOCKER_CONTEXT, then DOCKER_HOST says which Docker is this machine's", async () => {
  assert.equal(await openAndCount(), 0);
  await docker("context", "create", "second", "--docker", `host=unix://${socket}`);
  assert.equal(await openAndCount(), 0);
  process.env.DOCKER_CONTEXT = "second";
  assert.equal(await openAndCount(), 1);
  delete process.env.DOCKER_CONTEXT;
  await docker("context", "use", "second");
  assert.equal(await openAndCount(), 2);
  process.env.DOCKER_CONTEXT = "default";
  assert.equal(await openAndCount(), 2);
  process.env.DOCKER_CONTEXT = "second";
  process.env.DOCKER_HOST = "unix:///var/run/docker.sock";
  assert.equal(await openAndCount(), 2);
});

test("docker contexts: one of another machine is not this machine's Docker; it may be a target", async () => {
  await docker("context", "create", "board", "--docker", "host=ssh://root@board.example");
  process.env.DOCKER_CONTEXT = "board";
  await assert.rejects(DockerEngine.open(openLocalHost()), {
    code: "engine-unavailable",
    host: "local",
    message: /^Docker's context `board` \(DOCKER_CONTEXT\) is `ssh:\/\/root@board\.example`/,
    remedy: /ssh:\/\//,
  });
});

test("docker contexts: one that isn't there, or can't be read, is an error that names it", async () => {
  process.env.DOCKER_CONTEXT = "gone";
  await assert.rejects(DockerEngine.open(openLocalHost()), { code: "engine-unavailable", message: /no Docker context `gone`/ });
  delete process.env.DOCKER_CONTEXT;
  const config = process.env.DOCKER_CONFIG ?? "";
  await mkdir(config);
  await writeFile(join(config, "config.json"), '{"currentContext": ');
  await assert.rejects(DockerEngine.open(openLocalHost()), { code: "engine-unavailable", message: /config\.json can't be read/ });
});

test("docker contexts: a target `context:NAME` is the machine of its ssh:// address", async () => {
  await using sshd = await startSshd();
  await docker("context", "create", "board", "--docker", `host=${sshd.target}`);
  await docker("context", "create", "here", "--docker", `host=unix://${socket}`);
  await using host = await openHost("context:board", { configFile: sshd.configFile });
  assert.equal(host.name, sshd.target);
  assert.equal(await host.must(["echo", "hello"]), "hello\n");
  await assert.rejects(openHost("context:here"), { code: "usage", message: /needs the machine itself/ });
  await assert.rejects(openHost("context:gone"), {
    code: "usage",
    message: /no Docker context `gone`/,
    remedy: /docker context ls/,
  });
});
