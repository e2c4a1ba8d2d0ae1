import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { check, migrate } from "../src/index.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { clear, on, traces } from "./support/machine.ts";
import { countRight } from "./support/redis.ts";
import { startRedis, withRedis } from "./support/redis-container.ts";
import { ensureSource } from "./support/surroundings.ts";

const container = "move-with-sudo";
/** Another lane of the tests has the usual one. */
const hostPort = 6380;
let machine: LabMachine;
/** What all moves here have in common. */
let way: { readonly container: string; readonly target: string; readonly sshConfig: string };

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  way = { container, target: `ssh://sudoer@${machine.name}`, sshConfig: machine.sshConfig };
  await clear(machine, container);
});

after(async () => {
  await removeContainer(container);
  await clear(machine, container);
});

test("a user of the target that has sudo, but may not open Docker's socket: what fails is taken back, what doesn't moves", async () => {
  assert.match(
    await on(machine, "setpriv --reuid sudoer --regid sudoer --clear-groups docker ps 2>&1 || true"),
    /permission denied/,
  );
  await using redis = await startRedis(container, 1000, hostPort);
  await docker("exec", redis.name, "sh", "-c", "echo kept > /data/written");
  const before = await traces(machine);
  const report = await check(way);
  assert.equal(report.verdicts.resume, "ready", JSON.stringify(report.findings));
  assert.equal((await migrate({ ...way, healthCommand: ["false"] })).status, "rolled-back");
  assert.equal(await traces(machine), before);

  const result = await migrate({ ...way, leaveSource: "removed", healthCommand: ["redis-cli", "ping"] });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  await withRedis({ address: machine.address, port: machine.ports[hostPort]! }, async (client) => {
    assert.equal(await countRight(client, 1000), 1000);
  });
  assert.equal(await on(machine, `docker exec ${container} cat /data/written`), "kept");
});
