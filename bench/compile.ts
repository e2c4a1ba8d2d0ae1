import { readFile, stat } from "node:fs/promises";
import { openCheckpoint } from "../src/criu/images/open-checkpoint.ts";
import { containerFileReader } from "../src/migration/container-files.ts";
import { compileResume } from "../src/resume/compile.ts";
import type { RuncContainer } from "../src/resume/testing/runc-container.ts";
import { fewerFeatures } from "../src/resume/testing/targets.ts";
import { formatBytes } from "../src/text/bytes.ts";
import { dumpMemory, type Shape } from "./dumped-memory.ts";
import { median } from "./median.ts";

const rounds = 15;
const largestRatio = 2;
/** The pages of the larger dumps are 1 GiB: this is far from them. */
const mostMemory = 128 << 20;

/** Pairs of the same program with 10 MiB and 1 GiB of touched memory, and equally many pieces of it. */
const pairs: readonly (readonly [Shape, Shape])[] = [
  [
    { name: "10 MiB in one piece", pieces: 1, pagesPerPiece: 2560 },
    { name: "1 GiB in one piece", pieces: 1, pagesPerPiece: 262_144 },
  ],
  [
    { name: "10 MiB, every second page", pieces: 2560, pagesPerPiece: 1 },
    { name: "1 GiB in as many pieces", pieces: 2560, pagesPerPiece: 102 },
  ],
];
/** What no rule is made of, but should be known: as many pieces as a gibibyte can have. */
const fragmented: Shape = { name: "1 GiB, every second page", pieces: 262_144, pagesPerPiece: 1 };

/** Times reading and compiling dumps, large and small in turn. @returns whether the size of memory made no difference */
export async function benchCompile(): Promise<boolean> {
  let good = true;
  for (const [small, large] of pairs) {
    await using few = await dumpMemory(small);
    await using many = await dumpMemory(large);
    const times: { readonly few: number[]; readonly many: number[] } = { few: [], many: [] };
    const compileFew = await compilerOf(few);
    const compileMany = await compilerOf(many);
    for (let round = 0; round < rounds; round++) await compileFew();
    const memory = peakMemory();
    for (let round = 0; round < rounds; round++) {
      times.few.push((await compileFew()).milliseconds);
      times.many.push((await compileMany()).milliseconds);
    }
    const growth = peakMemory() - memory;
    const [before, after] = [median(times.few), median(times.many)];
    console.log(await line(small, few, before, (await compileFew()).elfBytes));
    console.log(await line(large, many, after, (await compileMany()).elfBytes));
    const ratio = after / before;
    console.log(`RATIO ${ratio.toFixed(2)} (at most ${largestRatio}), of medians of ${rounds} each, in turn`);
    console.log(`memory that compiling both took beyond compiling the smaller: ${formatBytes(growth)} at its peak\n`);
    good &&= ratio <= largestRatio && growth < mostMemory;
  }
  await using most = await dumpMemory(fragmented);
  const compile = await compilerOf(most);
  const memory = peakMemory();
  const { milliseconds, elfBytes } = await compile();
  console.log(await line(fragmented, most, milliseconds, elfBytes));
  console.log(`memory that compiling it took: ${formatBytes(peakMemory() - memory)} more at its peak`);
  return good;
}

interface Compilation {
  readonly milliseconds: number;
  readonly elfBytes: number;
}

async function compilerOf(container: RuncContainer): Promise<() => Promise<Compilation>> {
  const directory = container.path("images");
  const engineStdio = JSON.parse(await readFile(container.path("images", "descriptors.json"), "utf8")) as string[];
  const pid = await container.pid();
  return async () => {
    const start = performance.now();
    using images = await openCheckpoint(directory);
    const { elf } = compileResume({ images, engineStdio, readFile: containerFileReader(pid), target: fewerFeatures });
    return { milliseconds: performance.now() - start, elfBytes: elf.length };
  };
}

/** The most memory that this process has had resident (getrusage(2)): buffers outside of the heap are in it. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

async function line({ name, pieces }: Shape, container: RuncContainer, milliseconds: number, elfBytes: number): Promise<string> {
  const { size } = await stat(container.path("images", "pages-1.img"));
  const time = `${milliseconds.toFixed(1)} ms`.padStart(10);
  return `${name.padEnd(26)} ${time}  ${pieces} pieces, pages ${formatBytes(size)}, program ${formatBytes(elfBytes)}`;
}
