import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { type Link, openLink } from "../faults/link.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { isServed } from "../src/host/testing/is-served.ts";
import { type ForwardEvent, forward, migrate } from "../src/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { program } from "./support/cli.ts";
import { removeContainer } from "./support/docker.ts";
import { clear } from "./support/machine.ts";
import { type OwnState, ownState } from "./support/own-state.ts";
import { startRedis, withRedis } from "./support/redis-container.ts";
import { ensureSource } from "./support/surroundings.ts";

const container = "forward-redis";
/** Another lane of the tests has the usual one. */
const hostPort = 6380;
let machine: LabMachine;
let link: Link;
let state: OwnState;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  link = await openLink(machine);
  await clear(machine, container);
  state = await ownState();
});

after(async () => {
  await link[Symbol.asyncDispose]();
  await removeContainer(container);
  await clear(machine, container);
  await state[Symbol.asyncDispose]();
});

test("clients of the old address are served where the container is now, also after the link broke", async () => {
  await using redis = await startRedis(container, 1000, hostPort);
  const moved = await migrate({ container, target: link.target, sshConfig: link.sshConfig });
  assert.equal(moved.status, "migrated", JSON.stringify(moved));
  const ping = () => withRedis(redis.published, (client) => client.get("key:1"));
  assert.equal(await isServed(redis.published), false);

  const ending = new AbortController();
  const events: ForwardEvent["type"][] = [];
  const forwarding = forward(container, { signal: ending.signal, onEvent: ({ type }) => void events.push(type) });
  await eventually("listening", async () => events.includes("listening"), 30_000);
  const value = await ping();
  assert.ok(value !== null && value !== undefined);
  await link.cut();
  await eventually("the break is seen", async () => events.includes("link-lost"), 60_000);
  await link.mend();
  await eventually("the link is back", async () => events.includes("link-back"), 60_000);
  assert.equal(await ping(), value);
  ending.abort();
  const { ports, connections, target } = await forwarding;
  assert.equal(target, link.target);
  assert.deepEqual(
    ports.map(({ port, there }) => [port, there.address, there.port]),
    [[redis.published.port, "127.0.0.1", hostPort]],
  );
  assert.ok(connections >= 2, String(connections));
  assert.equal(await isServed(redis.published), false);
});

test("`migrate --forward` moves and then serves the ports, until it is interrupted; then it ends well", async () => {
  await clear(machine, container);
  await using redis = await startRedis(container, 100, hostPort);
  const words = ["migrate", container, machine.target, "--ssh-config", machine.sshConfig, "--forward"];
  const running = execa(program, words, { reject: false, stdin: "ignore" });
  let said = "";
  running.stderr.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  await eventually("it forwards", async () => /goes to 127\.0\.0\.1:6380 there/.test(said), 120_000);
  assert.ok(await withRedis(redis.published, (client) => client.get("key:1")));
  running.kill("SIGINT");
  const { exitCode, stdout, stderr } = await running;
  assert.equal(exitCode, 0, stdout + stderr);
  assert.match(stdout, /forward-redis now runs on ssh:\/\/x86-lab[\s\S]*Carried \d+ connections? to ssh:\/\/x86-lab/);
});

test("a container that has not moved is not forwarded, and the error says what to do", async () => {
  await assert.rejects(forward("never-moved", { signal: AbortSignal.timeout(1000) }), {
    code: "no-such-move",
    remedy: /history/,
  });
});
