import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp } from "node:fs/promises";
import { test } from "node:test";
import { dumpAndCompile, resume } from "./testing/carry.ts";
import { eventually } from "./testing/eventually.ts";
import { RuncContainer } from "./testing/runc-container.ts";
import { fewerFeatures, sameCpu } from "./testing/targets.ts";

const targets = { "the same CPU": sameCpu, "a CPU with fewer features": fewerFeatures };

const lines = async (container: RuncContainer): Promise<string[]> => (await container.output()).trim().split("\n");

/** Counts, hashes, reads a file by its thread pool and asks itself over HTTP, with threads, and code made at run time. */
const nodeProgram = `
const { createHash } = require("node:crypto"), fs = require("node:fs"), http = require("node:http");
const numbers = new Map(Array.from({ length: 50_000 }, (_, index) => [String(index), index]));
const say = (...words) => fs.writeSync(1, words.join(" ") + "\\n");
let count = 0;
http.createServer((_, response) => response.end(String(count))).listen(8000, () => setInterval(tick, 20));
async function tick() {
  count++;
  let sum = 0;
  for (const number of numbers.values()) sum += number;
  say("tick", count, sum, createHash("sha256").update(String(count)).digest("hex"));
  if (count % 5 === 0) await ask();
  if (count % 7 === 0) fs.readFile("/etc/ld.so.cache", (error, data) => say("read", error ?? data.length > 0));
}
async function ask() {
  try {
    say("answer", await (await fetch("http://127.0.0.1:8000/")).text());
  } catch ({ cause }) {
    say("error", cause.code); // a request that was under way: its connection is reset
  }
}`;

for (const [name, target] of Object.entries(targets)) {
  test(`programs: Node.js goes on, on ${name}`, async () => {
    await using source = await RuncContainer.create({ arguments: ["/node", "-e", nodeProgram] });
    await cp(process.execPath, `${source.root}/node`);
    await source.start();
    await eventually("the program", async () => (await lines(source)).length > 30);
    const compiled = await dumpAndCompile(source, target);
    const before = await lines(source);

    await using resumed = await resume(source, compiled);
    await eventually("the next lines", async () => (await lines(resumed)).filter(isAnswer).length > 10);
    const all = [...before, ...(await lines(resumed))];
    const sum = (50_000 * 49_999) / 2;
    const ticks = all.filter((line) => line.startsWith("tick"));
    assert.deepEqual(
      ticks,
      ticks.map(
        (_, index) =>
          `tick ${index + 1} ${sum} ${createHash("sha256")
            .update(String(index + 1))
            .digest("hex")}`,
      ),
    );
    const errors = all.filter((line) => line.startsWith("error"));
    assert.ok(errors.length <= 1 && errors.every((line) => line === "error ECONNRESET"), errors.join());
    assert.ok(all.filter((line) => line.startsWith("read")).every((line) => line === "read true"));
    const answers = all.filter((line) => line.startsWith("answer")).map((line) => Number(line.split(" ")[1]));
    assert.ok(answers.length > 5 && answers.every((answer) => answer % 5 <= 1), String(answers));
  });

  test(`programs: a Go program goes on, on ${name}`, async () => {
    const words = "-proto tcp -host-ip 127.0.0.1 -host-port 8000 -container-ip 127.0.0.1 -container-port 9";
    // Docker's proxy tells its parent by descriptor 3 whether it listens.
    const command = `exec /usr/sbin/docker-proxy ${words} 3>/dev/null`;
    await using source = await RuncContainer.create({ arguments: ["/bin/sh", "-c", command] });
    await source.start();
    await eventually("the program", async () => connect(await source.pid()) === "closed");
    const compiled = await dumpAndCompile(source, target);
    assert.ok(compiled.processes[0].threads.length > 3);
    await using resumed = await resume(source, compiled);
    for (let count = 0; count < 20; count++) assert.equal(connect(await resumed.pid()), "closed");
  });
}

const isAnswer = (line: string): boolean => /^(read|answer)/.test(line);

/** Connects to the proxy, which finds nobody behind it. @returns what comes of it */
function connect(pid: number): string {
  const script = `
import socket
try:
    it = socket.create_connection(("127.0.0.1", 8000), 5)
    try:
        print("closed" if it.recv(1) == b"" else "data")
    except ConnectionResetError:
        print("closed")
except ConnectionRefusedError:
    print("refused")`;
  return execFileSync("nsenter", ["--target", String(pid), "--net", "python3", "-c", script], { encoding: "utf8" }).trim();
}
