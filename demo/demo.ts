/**
 * The main job, from end to end on real parts: a redis with 100,000 keys, started with plain `docker run`, moves to an ARM64
 * machine while a client keeps incrementing a counter. Exit status 0 only if everything agrees.
 */
import { execa } from "execa";
import { ensureArm64Machine } from "../lab/machines.ts";
import { program } from "../test/support/cli.ts";
import { docker } from "../test/support/docker.ts";
import { clear, on } from "../test/support/machine.ts";
import { countRight, Incrementer, info } from "../test/support/redis.ts";
import { startRedis, withRedis } from "../test/support/redis-container.ts";
import { ensureSource } from "../test/support/surroundings.ts";

const keys = 100_000;
const name = "demo-redis";
const growth = { values: 300, bytes: 1 << 20 };

let agreed = true;

function show(what: string, value: string | number): void {
  console.log(`  ${what.padEnd(34)} ${value}`);
}

function compare(what: string, expected: string | number, seen: string | number): void {
  const right = String(expected) === String(seen);
  agreed &&= right;
  console.log(`  ${right ? "✔" : "✘"} ${what.padEnd(32)} ${seen}${right ? "" : ` (expected ${expected})`}`);
}

function heading(text: string): void {
  console.log(`\n${text}`);
}

async function command(text: string, environment: Record<string, string>): Promise<boolean> {
  heading(`$ ${text}`);
  const [, ...parameters] = text.split(" ");
  const { exitCode } = await execa(program, parameters, { reject: false, stdio: "inherit", env: environment });
  return exitCode === 0;
}

await ensureSource();
const machine = await ensureArm64Machine();
await clear(machine, name);
const environment = { MIGRATE_CONTAINER_SSH_CONFIG: machine.sshConfig };

heading(`$ docker run --detach --name ${name} --publish 6379:6379 migrate-container/redis:7`);
await using redis = await startRedis(name, keys);
show("machine", (await execa("uname", ["-m"])).stdout);
show("keys written", keys);
const incrementer = await Incrementer.start(redis.published);

agreed &&= await command(`migrate-container check ${name} ${machine.target}`, environment);
const before = await withRedis(redis.published, async (client) => ({
  processId: await info(client, "process_id"),
  uptime: Number(await info(client, "uptime_in_seconds")),
  runId: await info(client, "run_id"),
}));
heading("Before the move");
show("redis process_id", before.processId);
show("redis uptime_in_seconds", before.uptime);
show("counter", incrementer.confirmed);
agreed &&= await command(`migrate-container migrate ${name} ${machine.target}`, environment);
await incrementer.stop();

if (agreed) {
  const there = { address: machine.address, port: machine.ports[6379]! };
  heading("On the target");
  compare("uname -m", "aarch64", await on(machine, "uname -m"));
  await withRedis(there, async (client) => {
    compare("keys compared, all equal", keys, await countRight(client, keys));
    const counter = Number(await client.get("counter"));
    show("last increment that was confirmed", incrementer.confirmed);
    // The last increment may have been carried out without its answer being read.
    compare("counter", counter === incrementer.confirmed + 1 ? incrementer.confirmed + 1 : incrementer.confirmed, counter);
    compare("redis process_id", before.processId, await info(client, "process_id"));
    compare("redis run_id", before.runId, await info(client, "run_id"));
    const uptime = Number(await info(client, "uptime_in_seconds"));
    compare("uptime_in_seconds goes on", "yes", uptime >= before.uptime ? "yes" : "no");
    show("redis uptime_in_seconds", uptime);
    heading("It goes on there: 300 MB more");
    for (let index = 0; index < growth.values; index++) await client.set(`big:${index}`, `${index}`.padEnd(growth.bytes, "y"));
    let right = 0;
    for (let index = 0; index < growth.values; index++)
      right += Number((await client.get(`big:${index}`)) === `${index}`.padEnd(growth.bytes, "y"));
    compare("values of 1 MiB read back", growth.values, right);
    show("used_memory_human", await info(client, "used_memory_human"));
    compare("keys compared again", keys, await countRight(client, keys));
  });
  compare(`docker exec ${name} redis-cli ping`, "PONG", await on(machine, `docker exec ${name} redis-cli ping`));
  show("docker ps there", await on(machine, `docker ps --filter name=${name} --format '{{.Names}} {{.Status}} {{.Ports}}'`));
  compare("the source's container", "exited", await docker("inspect", "--format", "{{.State.Status}}", name));
}
await clear(machine, name);
console.log(agreed ? "\nEverything agrees." : "\nSomething does not agree.");
process.exitCode = agreed ? 0 : 1;
