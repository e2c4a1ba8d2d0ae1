import { spawn } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openLocalHost } from "../src/host/local.ts";
import { formatBytes } from "../src/text/bytes.ts";
import { codecs } from "../src/transfer/codec.ts";
import { copyTheRest, copyWhileRunning } from "../src/volumes/copy-folder.ts";
import { median } from "./median.ts";

const rounds = 3;
const MiB = 1 << 20;
const fileBytes = 4 * MiB;
const sizes = [200 * MiB, 2000 * MiB];
/** What is written anew between the passes, of both: 1 % of the larger one. */
const changedBytes = 20 * MiB;
const largestRatio = 2;

/**
 * A volume is copied while a program works in it, and what it has changed meanwhile when it stands still. Prints how long the second part takes, which is
 * what the container has to wait. @returns whether it does not grow with the volume
 */
export async function benchVolumes(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "bench-volumes-"));
  try {
    const times = new Map<number, number[]>(sizes.map((size) => [size, []]));
    for (const size of sizes) await fill(join(folder, String(size)), size);
    for (let round = 0; round < rounds; round++) {
      for (const size of sizes) times.get(size)!.push(await frozenSeconds(folder, size));
    }
    const medians = sizes.map((size) => median(times.get(size)!));
    for (const [index, size] of sizes.entries()) {
      console.log(`${formatBytes(size).padEnd(10)} stands still for ${medians[index]!.toFixed(2)} s`);
    }
    const ratio = medians[1]! / medians[0]!;
    console.log(
      `RATIO ${ratio.toFixed(2)} (at most ${largestRatio}), of medians of ${rounds} each, in turn; ${formatBytes(changedBytes)} changed meanwhile`,
    );
    return ratio <= largestRatio;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function fill(path: string, size: number): Promise<void> {
  await mkdir(path);
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  for (let index = 0; index * fileBytes < size; index++) {
    await using file = await open(join(path, `file-${index}`), "w");
    await file.write(noise.update(Buffer.alloc(fileBytes)));
  }
}

/** Seconds of the second pass, after a first one during which a program has written. */
async function frozenSeconds(folder: string, size: number): Promise<number> {
  await using host = openLocalHost();
  const from = { host, path: join(folder, String(size)) };
  const to = { host, path: join(folder, "copy") };
  await mkdir(to.path);
  // What is as young as the first look is copied again.
  await setTimeout(1100);
  const options = { codec: codecs.none, bytesPerSecond: undefined };
  const first = await copyWhileRunning(from, to, options);
  const writes = Array.from(
    { length: changedBytes / fileBytes },
    (_, index) => `head -c ${fileBytes} /dev/urandom >file-${index * 3}`,
  );
  await once(spawn("sh", ["-euc", writes.join("; ")], { cwd: from.path, stdio: "inherit" }), "exit");
  const begin = performance.now();
  const { bytesSent } = await copyTheRest(from, to, first, options);
  const seconds = (performance.now() - begin) / 1000;
  if (bytesSent < changedBytes || bytesSent > 2 * changedBytes) throw new Error(`${bytesSent} bytes were sent`);
  await rm(to.path, { recursive: true });
  return seconds;
}
