import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { dump } from "./testing/carry.ts";
import { ApartCompiler, type CompileAnswer, type CompileRequest } from "./testing/compile-apart.ts";
import { anyDamage, damage } from "./testing/damage.ts";
import { DamagedFolder } from "./testing/damaged-folder.ts";
import { eventually } from "./testing/eventually.ts";
import { RuncContainer } from "./testing/runc-container.ts";
import { calm, startWorkload } from "./testing/workload.ts";

/** Repeats or varies a run; fast-check prints the seed and the path to the smallest damage when a property fails. */
const seed = Number(process.env.MIGRATE_FUZZ_SEED ?? 20_260_401);
/** How many damages each property tries. */
const runs = Number(process.env.MIGRATE_FUZZ_RUNS ?? 60);
/** An ordinary compile of these takes 130 MB. */
const mostMemory = 600e6;

const family = `(sleep 1000 & sleep 1001 & wait) & setsid sh -c 'sleep 1002 | cat' & exec 9</etc/ld.so.cache; echo >/ready; wait`;

/** Real dumps: a program with threads, sockets, terminals, shared memory; and a tree of seven processes in two sessions. */
const makers: Readonly<Record<string, () => Promise<RuncContainer>>> = {
  "a program with threads": async () => {
    const container = await startWorkload();
    await calm(container);
    return container;
  },
  "a process tree": async () => {
    const container = await RuncContainer.create({ arguments: ["/bin/sh", "-c", family] });
    await container.start();
    await eventually("the family", async () => {
      const processes = await container.call("ps", "--format", "json", container.id);
      return (await container.read("ready")) !== "" && (JSON.parse(processes) as number[]).length === 7;
    });
    return container;
  },
};

const folders = new Map<string, DamagedFolder>();
const compiler = new ApartCompiler();

before(async () => {
  for (const [name, make] of Object.entries(makers)) {
    await using container = await make();
    await container.call("pause", container.id);
    await dump(container);
    folders.set(name, new DamagedFolder(container.path("images")));
  }
});
after(async () => {
  for (const folder of folders.values()) folder[Symbol.dispose]();
  await compiler[Symbol.asyncDispose]();
});

const anyTarget = fc.constantFrom<CompileRequest["target"]>("same", "fewer", "emulated");

/** Compiles a folder that one damage has befallen. @returns undefined when it changed nothing */
async function compileDamaged(
  folder: DamagedFolder,
  changed: ReadonlyMap<string, Uint8Array | undefined>,
  target: CompileRequest["target"],
): Promise<CompileAnswer | undefined> {
  if (changed.size === 0) return undefined;
  return await folder.with(changed, (directory) => compiler.compile({ directory, target }));
}

for (const name of Object.keys(makers)) {
  test(`damaged images of ${name}: undamaged ones compile`, async () => {
    using bare = folders.get(name)!.withoutSums();
    for (const directory of [folders.get(name)!.path, bare.path]) {
      const { elfBytes, message } = await compiler.compile({ directory, target: "same" });
      assert.ok(elfBytes !== undefined && elfBytes > 0, String(message));
    }
  });

  test(`damaged images of ${name}: with their sums, no damage becomes a program`, async () => {
    const folder = folders.get(name)!;
    const property = fc.asyncProperty(anyDamage, anyTarget, async (what, target) => {
      const answer = await compileDamaged(folder, damage(folder.folder, what), target);
      if (answer !== undefined)
        assert.match(answer.code ?? `not a named error: ${answer.message ?? "a program"}`, /^image-(corrupt|unsupported)$/);
    });
    await fc.assert(property, { seed, numRuns: runs });
  });

  test(`damaged images of ${name}: without sums, damage is a named error or goes unseen, in bounded time and memory`, async () => {
    using folder = folders.get(name)!.withoutSums();
    let refused = 0;
    const property = fc.asyncProperty(anyDamage, anyTarget, async (what, target) => {
      const answer = await compileDamaged(folder, damage(folder.folder, what), target);
      if (answer === undefined) return;
      assert.ok(answer.elfBytes !== undefined || answer.code !== undefined, `not a named error: ${answer.message}`);
      assert.ok(answer.peakBytes < mostMemory, `${answer.peakBytes} bytes of memory`);
      if (answer.code !== undefined) refused++;
    });
    await fc.assert(property, { seed, numRuns: runs });
    // Much of a dump is bytes that may be anything; that damage is noticed at all shows that it is done.
    assert.ok(refused > runs / 10, `only ${refused} damages were noticed`);
  });
}
