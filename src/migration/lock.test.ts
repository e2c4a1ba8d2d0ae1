import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { lockContainer } from "./lock.ts";

const anyId = (): string => crypto.randomUUID();

interface OtherRun {
  readonly answer: string;
  readonly pid: number;
  send(signal: "SIGKILL" | "SIGSTOP"): Promise<void>;
}

/** Another run of the tool: it locks the container, tells so or why not, and holds the lock until it is killed. */
async function otherRun(containerId: string): Promise<OtherRun> {
  const script = `
    const { lockContainer } = await import(${JSON.stringify(fileURLToPath(new URL("lock.ts", import.meta.url)))});
    const answer = await lockContainer(${JSON.stringify(containerId)}, "web").then(() => "locked", ({ code }) => code);
    console.log(answer);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [answer] = (await once(child.stdout, "data")) as [Buffer];
  return {
    answer: answer.toString().trim(),
    pid: child.pid!,
    async send(signal) {
      child.kill(signal);
      if (signal === "SIGKILL") await once(child, "exit");
    },
  };
}

test("lock: a container is locked once, until it is given free", async () => {
  const [web, database] = [anyId(), anyId()];
  {
    await using _web = await lockContainer(web, "web");
    await assert.rejects(lockContainer(web, "web"), {
      code: "already-migrating",
      host: "local",
      message: `container \`web\` is being moved by another run of this tool (process ${process.pid})`,
      remedy: /Wait for it/,
    });
    await using _database = await lockContainer(database, "database");
  }
  await using _again = await lockContainer(web, "web");
});

test("lock: another run holds it while it lives, and no longer", async () => {
  const id = anyId();
  const other = await otherRun(id);
  assert.equal(other.answer, "locked");
  await assert.rejects(lockContainer(id, "web"), { message: new RegExp(`\\(process ${other.pid}\\)`) });
  await other.send("SIGSTOP");
  await assert.rejects(lockContainer(id, "web"), { code: "already-migrating", message: /\(process unknown\)/ });
  await other.send("SIGKILL");
  await using _lock = await lockContainer(id, "web");
});

test("lock: of many runs that start at once one has it", async () => {
  const id = anyId();
  const runs = await Promise.all(Array.from({ length: 3 }, () => otherRun(id)));
  assert.deepEqual(runs.map(({ answer }) => answer).toSorted(), ["already-migrating", "already-migrating", "locked"]);
  for (const run of runs) await run.send("SIGKILL");
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockContainer(id, "web")));
  const [lock, ...others] = outcomes.filter((outcome) => outcome.status === "fulfilled");
  assert.equal(others.length, 0);
  await lock?.value[Symbol.asyncDispose]();
});

test("lock: it keeps no process from ending", async () => {
  const script = `
    const { lockContainer } = await import(${JSON.stringify(fileURLToPath(new URL("lock.ts", import.meta.url)))});
    await lockContainer("${anyId()}", "web");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: "inherit" });
  assert.deepEqual(await once(child, "exit"), [0, null]);
});
