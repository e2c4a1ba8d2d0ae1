// Not a *.test.ts, so that `npm test` leaves it out: two emulated machines take many minutes. `npm run test:postgres` runs it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { execa } from "execa";
import type { Client } from "pg";
import { ensureImageOn } from "../../lab/images.ts";
import { ensureAmd64Machine, ensureArm64Machine, type LabMachine } from "../../lab/machines.ts";
import { installTool, introduce } from "../../lab/tool.ts";
import type { Published } from "../support/docker.ts";
import { clear, on } from "../support/machine.ts";
import { ask, checksum, connectPostgres, identity, withPostgres } from "../support/postgres.ts";

const name = "move-postgres";
const rows = 20_000;

let source: LabMachine;
let target: LabMachine;
let committed: Client;
let open: Client;
let openEnded: Promise<void>;
let known: { checksum: string; identity: Record<string, string>; openPid: string; capabilities: string };

let moved = false;

const at = (machine: LabMachine): Published => ({ address: machine.address, port: machine.ports[5432]! });
const there = (): Published => {
  assert.ok(moved, "it was not moved");
  return at(target);
};

before(async () => {
  [source, target] = await Promise.all([ensureAmd64Machine(), ensureArm64Machine()]);
  await installTool(source);
  await introduce(source, target);
  const image = await ensureImageOn(source, "postgres");
  await Promise.all([clear(source, name), clear(target, name)]);
  await on(source, `docker run --detach --name ${name} --publish 5432:5432 ${image}`);
  committed = await connectPostgres(at(source));
  await committed.query("CREATE EXTENSION amcheck");
  await committed.query("CREATE TABLE entry (id bigint PRIMARY KEY, note text NOT NULL)");
  await committed.query("CREATE INDEX entry_note ON entry (note)");
});

after(async () => {
  await Promise.all([open?.end(), committed?.end()].map((ending) => ending?.catch(() => {})));
  await Promise.all([clear(source, name), clear(target, name)]);
});

test("PostgreSQL runs as its own user, with one transaction open and others committed", async () => {
  assert.match(await ask(committed, "SELECT version()"), / on x86_64-/);
  await committed.query(`INSERT INTO entry SELECT n, md5(n::text) FROM generate_series(1, ${rows}) n`);
  await committed.query("UPDATE entry SET note = 'changed ' || note WHERE id % 10 = 0");
  await committed.query("DELETE FROM entry WHERE id % 10 = 5");
  open = await connectPostgres(at(source));
  openEnded = new Promise((resolve) => open.once("end", resolve));
  await open.query("BEGIN");
  await open.query(`INSERT INTO entry SELECT n, 'never committed' FROM generate_series(${rows + 1}, ${rows + 2000}) n`);
  await open.query("UPDATE entry SET note = 'never committed' WHERE id <= 100");
  await open.query("DELETE FROM entry WHERE id BETWEEN 101 AND 200");
  await committed.query("BEGIN");
  await committed.query("INSERT INTO entry VALUES (0, 'committed last')");
  await committed.query("COMMIT");
  known = {
    checksum: await checksum(committed),
    identity: await identity(committed),
    openPid: await ask(open, "SELECT pg_backend_pid()"),
    capabilities: await credentials(source),
  };
  assert.match(known.checksum, new RegExp(`^${rows * 0.9 + 1} `));
});

test("it moves to the ARM64 machine; the clients see their connections end", async () => {
  const move = ["-F", source.sshConfig, source.name, "migrate-container", "migrate", name, target.target];
  const { exitCode, all } = await execa("ssh", move, {
    reject: false,
    all: true,
    stdout: ["pipe", "inherit"],
    stderr: ["pipe", "inherit"],
  });
  assert.equal(exitCode, 0, all);
  moved = true;
  assert.equal(await on(source, `docker inspect --format '{{.State.Running}}' ${name}`), "false");
  assert.equal(await on(target, "uname -m"), "aarch64");
  await openEnded;
  await assert.rejects(open.query("COMMIT"));
});

test("every committed row is there and nothing of the open transaction", async () => {
  await withPostgres(there(), async (client) => {
    assert.deepEqual(await identity(client), known.identity);
    assert.equal(await checksum(client), known.checksum);
    assert.equal(await ask(client, "SELECT note FROM entry WHERE id = 0"), "committed last");
    assert.equal(await ask(client, `SELECT count(*) FROM pg_stat_activity WHERE pid = ${known.openPid}`), "0");
  });
  assert.equal(await credentials(target), known.capabilities);
});

test("new transactions work, also on rows that the open one had locked", async () => {
  await withPostgres(there(), async (client) => {
    await client.query("SET lock_timeout = '60s'");
    await client.query("BEGIN");
    await client.query("UPDATE entry SET note = 'moved ' || note WHERE id <= 200");
    await client.query(`INSERT INTO entry SELECT n, 'moved' FROM generate_series(${rows + 1}, ${rows + 2000}) n`);
    await client.query("COMMIT");
    known.checksum = await checksum(client);
    await client.query("VACUUM entry");
    await client.query("CHECKPOINT");
  });
  await on(target, `docker exec ${name} pg_isready --timeout 120`);
});

test("its files and indexes hold together", async () => {
  await withPostgres(there(), async (client) => {
    await client.query(
      "SELECT bt_index_check(indexrelid, true) FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relam = 403",
    );
    assert.equal(await ask(client, "SELECT count(*) FROM verify_heapam('entry')"), "0");
  });
  // A base backup reads every page of every file and verifies its checksum.
  await on(target, `docker exec ${name} pg_basebackup --pgdata /tmp/backup --wal-method none --checkpoint fast`);
  const log = await on(target, `docker logs ${name} 2>&1`);
  assert.doesNotMatch(log, /PANIC|was terminated by signal|checksum|invalid page/);
});

test("it shuts down cleanly there, and a later start finds all that it wrote", async () => {
  await on(target, `docker stop --time 300 ${name}`);
  assert.equal(await on(target, `docker inspect --format '{{.State.ExitCode}}' ${name}`), "0");
  await on(target, `docker start ${name}`);
  await withPostgres(there(), async (client) => assert.equal(await checksum(client), known.checksum));
  assert.doesNotMatch(await on(target, `docker logs ${name} 2>&1`), /was not properly shut down/);
});

/** User, groups and capabilities of every process of the container, each different line once. */
function credentials(machine: LabMachine): Promise<string> {
  return on(
    machine,
    `for pid in $(docker top ${name} -o pid | tail -n +2); do
       cat /proc/$pid/status
     done | grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs):' | sort -u`,
  );
}
