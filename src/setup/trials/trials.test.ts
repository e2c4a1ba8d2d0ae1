import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { before, test } from "node:test";
import type { OciRuntime } from "../../compatibility/target-facts.ts";
import type { Host, RunOptions } from "../../host/host.ts";
import { openLocalHost } from "../../host/local.ts";
import { type MachineFacts, readMachineFacts } from "../machine-facts.ts";
import { machineWith } from "../testing/facts.ts";
import { criuCheck } from "./criu-check.ts";
import { dumpAndRestore } from "./dump-and-restore.ts";
import { resume } from "./resume.ts";

const options = { onProgress: () => {} };
let host: Host;
let facts: MachineFacts;

before(async () => {
  host = openLocalHost();
  facts = await readMachineFacts(host, {});
});

/** What trials make, wherever they make it. */
async function traces(): Promise<string[]> {
  const folders = ["/var/lib", tmpdir(), "/sys/fs/cgroup", "/sys/fs/cgroup/freezer", "/run/runc"];
  const names = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  return names.flat().filter((name) => name.includes("migrate-container-trial"));
}

const withTarget = (changes: Partial<MachineFacts["target"]>): MachineFacts => ({
  ...facts,
  target: { ...facts.target, ...changes },
});
const broken: OciRuntime = { path: "/bin/false", program: "runc", version: "1.3.0", timeNamespaces: true };

test("a tiny container is dumped and restored on this machine, and nothing stays", async () => {
  const outcome = await dumpAndRestore.run(host, facts, options);
  assert.match(outcome?.found ?? "", /^a container dumped at tick \d+ went on to \d+$/);
  assert.equal(outcome?.state, "good");
  assert.deepEqual(await traces(), []);
});

test("the scripts need no more than busybox's shell and tools", async () => {
  const withBusybox: Host = Object.assign(Object.create(host), {
    run: (command: readonly string[], more?: RunOptions) => host.run(["busybox", ...command], more),
  });
  assert.equal((await dumpAndRestore.run(withBusybox, facts, options))?.state, "good");
  assert.equal((await resume.run(withBusybox, facts, options))?.state, "good");
  assert.deepEqual(await traces(), []);
});

test("a tiny container is dumped, compiled and resumed on this machine, and nothing stays", async () => {
  const outcome = await resume.run(host, facts, options);
  assert.match(outcome?.found ?? "", /^a container dumped here at tick \d+ went on there to \d+$/);
  assert.deepEqual(await traces(), []);
});

test("a runtime without time namespaces resumes within those that unshare makes, and nothing stays", async () => {
  const runtimes = facts.target.runtimes.map((runtime) => ({ ...runtime, timeNamespaces: false }));
  const outcome = await resume.run(host, withTarget({ runtimes, bootId: "another machine's" }), options);
  assert.match(outcome?.found ?? "", /^a container dumped here at tick \d+ went on there to \d+$/);
  assert.deepEqual(await traces(), []);
});

test("a runtime that starts nothing is told, and nothing stays", async () => {
  const facts = withTarget({ runtimes: [broken] });
  const dumped = await dumpAndRestore.run(host, facts, options);
  assert.equal(dumped?.state, "blocked");
  assert.match(dumped?.found ?? "", /^the container does not run: the runtime can't start it$/);
  const resumed = await resume.run(host, facts, options);
  assert.equal(resumed?.state, "blocked");
  assert.match(resumed?.found ?? "", /^it does not go on there: .*ticks, \d+ at the dump$/);
  assert.deepEqual(await traces(), []);
});

test("what is missing there is told, and nothing is tried", async () => {
  const untried = async (changes: Partial<MachineFacts["target"]>) => [
    (await dumpAndRestore.run(host, withTarget(changes), options))?.found,
    (await resume.run(host, withTarget(changes), options))?.found,
  ];
  const { hostFacts } = facts.target;
  assert.deepEqual(await untried({ hostFacts: { ...hostFacts, uid: 1000 } }), [
    "commands don't run as root",
    "commands don't run as root",
  ]);
  assert.equal((await untried({ criu: undefined }))[0], "there is no CRIU");
  assert.deepEqual(await untried({ runtimes: [] }), ["there is no runc", "there is no OCI runtime that can"]);
  const unlike = { runtimes: [{ ...broken, timeNamespaces: false }], bootId: "another machine's", unshareSetsClocks: false };
  assert.equal((await untried(unlike))[1], "the clocks of this machine can't be had there without time namespaces");
  assert.equal((await untried({ hostFacts: { ...hostFacts, architecture: "aarch64" } }))[1], "x86_64 programs don't run there");
});

test("what criu check complains of is told with a remedy", async () => {
  const criu = { ...machineWith().target.criu!, problems: ["tun feature missing"] };
  const outcome = await criuCheck.run(host, machineWith({}, { criu }), options);
  assert.equal(outcome?.state, "blocked");
  assert.match(`${outcome.found} ${"remedy" in outcome ? outcome.remedy : ""}`, /tun feature missing.*CHECKPOINT_RESTORE/);
  assert.equal((await criuCheck.run(host, machineWith({}, { criu: undefined }), options))?.state, "untried");
  assert.equal((await criuCheck.run(host, machineWith(), options))?.state, "good");
});
