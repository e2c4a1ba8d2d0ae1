import assert from "node:assert/strict";
import { test } from "node:test";
import { dumpAndCompile, resume } from "../testing/carry.ts";
import { eventually } from "../testing/eventually.ts";
import { readAddress, readMappings } from "../testing/live-memory.ts";
import { copyNewestGlibc, withNewestGlibc } from "../testing/newest-glibc.ts";
import { RuncContainer } from "../testing/runc-container.ts";
import { fewerFeatures } from "../testing/targets.ts";

/** Has glibc choose at the program's start as if the CPU were qemu's: what a re-dispatch must come to as well. */
const environmentOfFewerFeatures = `GLIBC_TUNABLES=glibc.cpu.hwcaps=${[
  "AVX512F",
  "AVX512VL",
  "AVX512BW",
  "AVX512DQ",
  "AVX512CD",
  "RTM",
  "HLE",
  "XSAVEC",
]
  .map((feature) => `-${feature}`)
  .join(",")}`;

/** One process that counts, in user mode and with string functions all the time. */
const shellLoop = 'trap "echo trapped" USR1; i=0; while :; do i=$((i+1)); case $i in *0000) echo $i;; esac; done';
const pythonLoop = `
import os, signal
signal.signal(signal.SIGUSR1, lambda number, frame: os.write(1, b"trapped\\n"))
i = 0
while True:
    i += 1
    text = str(i)
    if text.endswith("0000"):
        print(i, flush=True)
`;

type Start = (environment: readonly string[]) => Promise<RuncContainer>;

const programs: Readonly<Record<string, Start>> = {
  "a static program": (environment) => run(["/usr/bin/busybox", "sh", "-c", shellLoop], environment),
  "a dynamic program": (environment) => run(["/usr/bin/python3", "-c", pythonLoop], environment),
  "a program with the newest glibc": async (environment) => {
    const words = [...withNewestGlibc, "/usr/bin/python3", "-c", pythonLoop];
    const container = await RuncContainer.create({ arguments: words, environment });
    await copyNewestGlibc(container.root);
    await container.start();
    return container;
  },
};

async function run(words: readonly string[], environment: readonly string[]): Promise<RuncContainer> {
  const container = await RuncContainer.create({ arguments: words, environment });
  await container.start();
  return container;
}

const lines = async (container: RuncContainer): Promise<string[]> => (await container.output()).trim().split("\n");

for (const [name, start] of Object.entries(programs)) {
  test(`redispatch: ${name} has afterwards what glibc itself would have chosen, and works`, async () => {
    await using source = await start([]);
    await eventually("the program", async () => (await lines(source)).length > 3);
    const compiled = await dumpAndCompile(source, fewerFeatures);
    const modules = moduleFinder(await source.pid());
    const slots = compiled.redispatches
      .get(compiled.processes[0])!
      .slots.map(({ slot }) => ({ address: slot, ...modules(slot)! }));
    const before = await lines(source);

    await using resumed = await resume(source, compiled);
    const pid = await resumed.pid();
    const chosen = slots.map(({ address }) => modules(readAddress(pid, address)));

    await using fresh = await start([environmentOfFewerFeatures]);
    await eventually("the program", async () => (await lines(fresh)).length > 3);
    const freshPid = await fresh.pid();
    const freshModules = moduleFinder(freshPid);
    const expected = slots.map((slot) => freshModules(readAddress(freshPid, freshModules.base(slot.path) + slot.offset)));

    assert.ok(slots.length >= 20, `${slots.length} slots`);
    // What is not bound yet in one of the processes points into its own PLT.
    const bound = slots.flatMap((slot, index) => {
      const [ours, its] = [chosen[index], expected[index]];
      return ours?.path === its?.path || ours?.path !== slot.path ? [{ slot, ours, its }] : [];
    });
    assert.ok(bound.length > slots.length / 2, `${bound.length} of ${slots.length} slots are bound in both`);
    assert.deepEqual(
      bound.map(({ slot, ours }) => ({ slot, chosen: ours })),
      bound.map(({ slot, its }) => ({ slot, chosen: its })),
    );

    await eventually("the next lines", async () => (await lines(resumed)).length > 3);
    await resumed.call("kill", resumed.id, "USR1");
    await eventually("the handler", async () => (await lines(resumed)).includes("trapped"));
    const numbers = [...before, ...(await lines(resumed))].filter((line) => line !== "trapped").map(Number);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => 10000 * (index + 1)),
    );
  });
}

interface Place {
  readonly path: string;
  readonly offset: bigint;
}

/** Tells addresses as file and distance from its lowest address. */
function moduleFinder(pid: number): ((address: bigint) => Place | undefined) & { base(path: string): bigint } {
  const mappings = readMappings(pid).filter(({ path }) => path.startsWith("/"));
  const base = (path: string): bigint => mappings.find((mapping) => mapping.path === path)!.start;
  const find = (address: bigint): Place | undefined => {
    const found = mappings.findLast(({ start }) => start <= address);
    return found === undefined ? undefined : { path: found.path, offset: address - base(found.path) };
  };
  return Object.assign(find, { base });
}
