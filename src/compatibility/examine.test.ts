import assert from "node:assert/strict";
import { test } from "node:test";
import { qemuUser } from "../resume/emulators/qemu-user.ts";
import { emulatedTarget } from "../resume/target.ts";
import { examine, examineLive } from "./examine.ts";
import { chooseExecution, chooseRuntime, targetKind } from "./execution.ts";
import { findingsFor } from "./report.ts";
import { rules } from "./rules/index.ts";
import { automaticStrategy, type Strategy } from "./strategy.ts";
import type { Subject } from "./subject.ts";
import { findingsOf } from "./testing/examples.ts";
import { armTarget, containerWith, processWith, subjectWith, targetHost, targetWith } from "./testing/situations.ts";

test("examine: nothing stands in the way of an ordinary container", () => {
  const nothing = { resume: [], restore: [], replatform: [] };
  const allReady = { findings: [], verdicts: { resume: "ready", restore: "ready", replatform: "ready" }, blockers: nothing };
  assert.deepEqual(examine(subjectWith(), targetWith()), allReady);
  assert.deepEqual(examine(subjectWith(), undefined, { expected: { target: "x86_64" } }), allReady);
});

test("examine: CRIU does not restore on another architecture, and an image of its own is needed there", () => {
  for (const target of [undefined, armTarget()]) {
    const { findings, verdicts, blockers } = examine(subjectWith(), target);
    assert.deepEqual(verdicts, { resume: "ready", restore: "blocked", replatform: "ready" });
    assert.deepEqual(blockers, { resume: [], restore: ["restore.architecture"], replatform: [] });
    assert.deepEqual(
      findings.map(({ rule, severity }) => `${rule}: ${severity}`).filter((line) => !line.startsWith("target.speed")),
      ["restore.architecture: blocker", "replatform.image: warning"],
    );
  }
});

test("examine: what no dump holds is no matter to a container that starts anew", () => {
  const { verdicts } = examine(containerWith({ HostConfig: { Privileged: true } }), targetWith());
  assert.deepEqual(verdicts, { resume: "blocked", restore: "blocked", replatform: "ready" });
  const ring = processWith({ specialMappings: ["/[aio] (deleted)"] });
  assert.deepEqual(examine(ring, targetWith()).verdicts, { resume: "blocked", restore: "ready", replatform: "ready" });
});

test("findings as they are to a strategy", () => {
  const report = examine(containerWith({ HostConfig: { Privileged: true } }), armTarget());
  const seen = (strategy: Strategy) => findingsFor(report, [strategy]).map(({ rule, severity }) => `${rule}: ${severity}`);
  assert.deepEqual(seen("resume"), ["container.privileged: blocker", "target.speed: info"]);
  assert.deepEqual(seen("restore"), ["container.privileged: blocker", "restore.architecture: blocker"]);
  assert.deepEqual(seen("replatform"), ["container.privileged: warning", "replatform.image: warning"]);
});

test("the strategy that is taken keeps the memory", () => {
  const verdicts = { resume: "ready", restore: "ready", replatform: "ready" } as const;
  assert.equal(automaticStrategy(verdicts), "resume");
  assert.equal(automaticStrategy({ ...verdicts, resume: "blocked" }), "restore");
  assert.equal(automaticStrategy({ ...verdicts, resume: "blocked", restore: "blocked" }), undefined);
});

test("examine: only warnings leave the verdict alone, and the worst comes first", () => {
  const warned = examine(containerWith({ HostConfig: { AutoRemove: true } }), targetWith());
  assert.equal(warned.verdicts.resume, "ready");
  const both = examine(containerWith({ HostConfig: { AutoRemove: true, Privileged: true } }), armTarget());
  assert.deepEqual(
    both.findings.map(({ severity }) => severity),
    ["blocker", "blocker", "warning", "warning", "info"],
  );
});

test("examine: the name on the target counts", () => {
  const target = targetWith({ containerNames: new Set(["taken"]) });
  assert.equal(examine(subjectWith(), target, { name: "taken" }).verdicts.resume, "blocked");
  assert.equal(examine(subjectWith(), target).verdicts.resume, "ready");
});

test("examine: a stopped container is judged by its record", () => {
  const { container } = containerWith({ State: { Running: false, Status: "exited" }, HostConfig: { Privileged: true } });
  const { findings } = examine(subjectWith({ container, live: undefined }), targetWith());
  assert.deepEqual(
    findings.map(({ rule }) => rule),
    ["container.running", "container.privileged"],
  );
});

test("examine: many things of one kind are one finding", () => {
  const sessions = Array.from({ length: 10 }, (_, index) => ({ name: `w${index}`, execSession: true }));
  const [finding, ...more] = findingsOf({ rule: "process.exec-session", subject: processWith({}, ...sessions) });
  assert.deepEqual(more, []);
  assert.match(finding?.seen ?? "", /w0 \(7\), .*w5 \(7\) and 4 more$/);
});

test("execution: what the program is compiled for", () => {
  assert.deepEqual(chooseExecution(subjectWith(), armTarget()), emulatedTarget(qemuUser("7.2.22")));
  assert.deepEqual(chooseExecution(subjectWith(), targetHost({ cpuFlags: ["avx", "avx2", "fma"] })), {
    architecture: "x86_64",
    execution: "native",
    avx512: false,
    redispatch: true,
    lacks: new Set(),
  });
  assert.equal(chooseExecution(subjectWith(), targetHost({ cpuFlags: [] })), undefined);
  assert.equal(targetKind(armTarget({ emulator: { flags: "" } }), "x86_64"), undefined);
  assert.equal(targetKind(targetHost({ architecture: "riscv64" }), "x86_64"), undefined);
  assert.equal(chooseRuntime(targetWith({ runtimes: [] })), undefined);
});

test("examine: rules have names of their own", () => {
  const names = rules.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test("examine: a blocker that a second look does not see is none, one that it sees is", async () => {
  const stopped = processWith({ state: "T" });
  const looks = (second: Subject) => examineLive(stopped, targetWith(), {}, async () => second);
  assert.equal((await looks(subjectWith())).verdicts.resume, "ready");
  const traced = await looks(processWith({ tracerPid: 77 }));
  assert.deepEqual(traced.verdicts, { resume: "blocked", restore: "blocked", replatform: "ready" });
  const other = await looks(processWith({ personality: 8 }));
  assert.deepEqual([other.verdicts.resume, other.findings], ["ready", []]);
  await examineLive(subjectWith(), targetWith(), {}, () => assert.fail("nothing was in the way"));
  const privileged = containerWith({ HostConfig: { Privileged: true } });
  await examineLive(privileged, armTarget(), {}, () => assert.fail("what is in the way does not pass"));
});
