import assert from "node:assert/strict";
import { chmod, chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { leftInState } from "../faults/leftovers.ts";
import { runMover } from "../faults/run-mover.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { check, migrate, takeCheckpoint } from "../src/index.ts";
import { migrateGroup, recover } from "../src/migration/index.ts";
import { type BundleTest, openBundleTest, removeScript, runc } from "./support/bundle-test.ts";
import { on } from "./support/machine.ts";
import { ensureSource } from "./support/surroundings.ts";

// Control groups of the lab machine are this machine's: the copy needs another id, and gets another one's control group by it.
const id = "migrate-container-bundle";
const copy = `${id}-copy`;
let machine: LabMachine;
let place: BundleTest;
let where: { readonly container: string; readonly name: string; readonly target: string; readonly sshConfig: string };

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  place = await openBundleTest(id);
  where = { container: `runc:${id}`, name: copy, target: machine.target, sshConfig: machine.sshConfig };
});
afterEach(async () => {
  await place.clear();
  await on(machine, `rm -rf ${place.folder}; ${removeScript(copy)}`);
});
after(() => place[Symbol.asyncDispose]());

/** All that a move could leave on the target. */
function tracesThere(): Promise<string> {
  return on(machine, `${runc} list --quiet; ls -d ${place.folder}/* 2>/dev/null; find /var/lib/migrate-container -type f | sort`);
}

for (const strategy of ["resume", "restore"] as const) {
  test(`bundles: a container of runc's goes on under the runc of another machine, by ${strategy}`, async () => {
    const container = await place.start();
    const kept = join(container.rootfs, "kept");
    await writeFile(kept, "rootfs");
    await chmod(kept, 0o640);
    await chown(kept, 7, 8);
    await writeFile(join(place.data, "kept"), "mounted");
    await container.run(`printf memory >/proc/${await container.pid()}/root/scratch/kept`);
    const capabilities = await container.statusLine("CapBnd");
    const elsewhere = `${place.folder}/elsewhere`;
    const result = await migrate({
      ...where,
      strategy,
      binds: { [place.data]: elsewhere },
      healthCommand: ["/bin/busybox", "true"],
    });
    assert.equal(result.status, "migrated", JSON.stringify(result));
    assert.equal(result.sourceEngine, "runc");
    assert.equal(await container.status(), "stopped");
    const moved = place.there(machine, copy);
    assert.ok((await moved.count()) >= (await container.count()));
    await moved.assertCounts();
    assert.equal(await on(machine, `cat ${moved.rootfs}/kept; stat -c ' %a %u:%g' ${moved.rootfs}/kept`), "rootfs 640 7:8");
    assert.equal(await on(machine, `cat ${elsewhere}/kept`), "mounted");
    assert.equal(await moved.read("/data/kept"), "mounted");
    assert.equal(await moved.read("/scratch/kept"), "memory");
    assert.equal(await moved.statusLine("CapBnd"), capabilities);
    assert.equal(await on(machine, `${runc} exec ${copy} /bin/busybox hostname`), "counting");
    // Its next start is an ordinary one.
    const configuration = JSON.parse(await on(machine, `cat ${place.bundle}/config.json`));
    assert.deepEqual(configuration.process.args, ["/counter"]);
    assert.equal(
      configuration.mounts.some(({ source = "" }) => source.includes("migrate-container")),
      false,
    );
    assert.deepEqual(await leftInState(place.stateFolder), []);
  });
}

test("bundles: what was moved moves back, and the source's is removed", async () => {
  await place.start();
  // It brings a CRIU, which then dumps there.
  const there = await migrate({ ...where, strategy: "restore" });
  assert.equal(there.status, "migrated", JSON.stringify(there));
  await place.clear();
  const machines = { source: machine.target, target: "local", sshConfig: machine.sshConfig };
  const back = await migrate({ ...machines, container: `runc:${copy}`, name: id, leaveSource: "removed" });
  assert.equal(back.status, "migrated", JSON.stringify(back));
  await place.here().assertCounts();
  assert.equal(await place.there(machine, copy).status(), "");
});

test("bundles: a bundle goes into another folder of its own machine, and one that is moved by replatform starts anew", async () => {
  const container = await place.start();
  const other = `${place.folder}/other`;
  const options = { ...where, target: "local", binds: { [place.bundle]: other, [place.data]: `${place.folder}/other-data` } };
  try {
    const result = await migrate({ ...options, strategy: "replatform" });
    assert.equal(result.status, "migrated", JSON.stringify(result));
    assert.equal(await container.status(), "stopped");
    assert.equal(await place.here(copy).status(), "running");
    assert.equal(JSON.parse(await container.run(`${runc} state ${copy}`)).rootfs, `${other}/rootfs`);
  } finally {
    await container.run(removeScript(copy));
  }
});

test("bundles: a failed move is undone, and the container goes on", async () => {
  const container = await place.start();
  const traces = await tracesThere();
  // Neither Docker nor Podman has it: it is found.
  const result = await migrate({ ...where, container: id, healthCommand: ["/bin/busybox", "false"] });
  assert.equal(result.status, "rolled-back", JSON.stringify(result));
  assert.equal(result.error.code, "validation-failed");
  assert.deepEqual(result.remains, []);
  assert.equal(await container.status(), "running");
  await container.assertCounts();
  assert.equal(await tracesThere(), traces);
});

for (const [point, decision] of [
  ["step send", "roll-back"],
  ["step validate", "finish"],
  ["committed", "complete"],
] as const) {
  test(`bundles: a move that is killed before its entry \`${point}\` takes effect is ended by recover`, async () => {
    const container = await place.start();
    const traces = await tracesThere();
    const strike = { fault: "kill", point: { when: "before", what: point } } as const;
    const { struck } = await runMover({ ...where, strategy: "resume", strike }, place.stateFolder, async () => {});
    assert.ok(struck);
    const [move] = await recover();
    assert.deepEqual([move?.decision, move?.running, move?.sourceEngine], [decision, true, "runc"]);
    const isBack = decision === "roll-back";
    assert.equal(await container.status(), isBack ? "running" : "stopped");
    await (isBack ? container : place.there(machine, copy)).assertCounts();
    if (isBack) assert.equal(await tracesThere(), traces);
    assert.deepEqual(await leftInState(place.stateFolder), []);
  });
}

test("bundles: what can't be moved, or not that way, is refused by name", async () => {
  await place.start((configuration) => {
    const { linux } = configuration;
    delete configuration.hostname;
    linux.namespaces = linux.namespaces.filter(({ type }: { readonly type: string }) => type !== "uts");
  });
  const { blockers, findings } = await check({ ...where, targetEngine: "docker" });
  assert.deepEqual(blockers.resume.toSorted(), ["source.engine", "target.kind"]);
  assert.match(findings.find(({ rule }) => rule === "source.engine")!.seen, /shares with its machine: uts/);
  await assert.rejects(migrateGroup({ ...where, containers: [`runc:${id}`, "runc:other"] }), /can't have containers .* bundles/);
  await assert.rejects(
    takeCheckpoint({ container: `runc:${id}`, output: join(place.folder, "refused.tar.zst") }),
    /no archive is made/,
  );
  const publish = [{ port: "80/tcp", address: "", hostPort: 8080 }] as const;
  await assert.rejects(migrate({ ...where, publish }), /--publish: runc has no networks/);
  await assert.rejects(migrate({ ...where, container: "runc:none" }), { code: "container-not-found" });
});
