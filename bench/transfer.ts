import { createCipheriv } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { hostDevice, newerAdb } from "../lab/x86.ts";
import { describeFiles } from "../src/checkpoint/manifest.ts";
import type { Host } from "../src/host/host.ts";
import { openHost } from "../src/host/open.ts";
import { formatBytes, formatRate } from "../src/text/bytes.ts";
import { chooseCodec, describeMeasured, mostForMeasuring } from "../src/transfer/choose-codec.ts";
import { sampleFolder } from "../src/transfer/sample.ts";
import { sendFiles } from "../src/transfer/send-files.ts";
import { ownAdbServer } from "../test/support/adb-server.ts";
import { median } from "./median.ts";

const rounds = 5;
/** Ours may take so much longer than the best of the others: what two runs of one way differ by. */
const largestRatio = 1.05;
/**
 * What the links let through, as tc(8) says it: a wired network, and what USB 2 or a good wireless network gives. Without a limit the copying itself is
 * compared, of memory to memory: there a client that does nothing else is faster, which is told and not judged.
 */
const links = ["1gbit", "300mbit", undefined] as const;
const MiB = 1 << 20;
const there = "/var/tmp/migrate-container-bench";

/** A way to bring a folder's files to the machine. */
interface Way {
  readonly name: string;
  /** @param directory there; empty */
  send(directory: string): Promise<void>;
}

/** Sends one package in each way in turn. @returns whether ours is not slower than the best of the others */
export async function benchTransfer(): Promise<boolean> {
  const machine = await ensureX86Machine();
  const folder = await mkdtemp(join(tmpdir(), "bench-transfer-"));
  try {
    await writePackage(folder);
    await using _server = await ownAdbServer();
    await using overSsh = await openHost(machine.target, { configFile: machine.sshConfig });
    await using overAdb = await openHost(machine.adb);
    let isGood = true;
    for (const rate of links) {
      await using _limit = await limitLink(rate);
      console.log(`\n${rate ?? "no limit"}`);
      const good = [
        await compare("SSH", overSsh, folder, [await ours(overSsh, folder), ...sshWays(machine, folder)]),
        await compare("ADB", overAdb, folder, [await ours(overAdb, folder), ...adbWays(machine, folder)]),
      ];
      if (rate !== undefined && !good.every(Boolean)) isGood = false;
    }
    return isGood;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Lets no more through to the machine. */
async function limitLink(rate: string | undefined): Promise<AsyncDisposable> {
  const queue = ["qdisc", "replace", "dev", hostDevice, "root", "tbf"];
  if (rate !== undefined) await execa("tc", [...queue, "rate", rate, "burst", "1mb", "latency", "100ms"]);
  return {
    [Symbol.asyncDispose]: async () => {
      if (rate !== undefined) await execa("tc", ["qdisc", "delete", "dev", hostDevice, "root"]);
    },
  };
}

/** 300 MiB, of which a third is untouched or of one kind, a third programs' code, and a third can't be compressed; and many small images. */
async function writePackage(folder: string): Promise<void> {
  const code = await readFile(process.execPath);
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  const pages = Buffer.alloc(300 * MiB);
  for (let offset = 0; offset < pages.length; offset += 3 * MiB) {
    code.copy(pages, offset + MiB, offset % (code.length - MiB), (offset % (code.length - MiB)) + MiB);
    pages.set(noise.update(Buffer.alloc(MiB)), offset + 2 * MiB);
  }
  await writeFile(join(folder, "pages-1.img"), pages);
  for (let index = 0; index < 60; index++)
    await writeFile(join(folder, `core-${index}.img`), code.subarray(index * 2000, (index + 1) * 2000));
}

async function ours(host: Host, folder: string): Promise<Way> {
  const files = await describeFiles(folder);
  // Before the freeze, so no part of what is compared.
  const { codec, measured } = await chooseCodec(host, await sampleFolder(folder), { mostBytes: mostForMeasuring(300 * MiB) });
  console.log(`over ${host.name}: ${codec.name} of ${describeMeasured(measured)}`);
  return {
    name: "migrate-container",
    send: async (directory) => void (await sendFiles(folder, files, { host, directory }, { codec, isNew: true, patienceMs: 0 })),
  };
}

function sshWays({ sshConfig, name }: LabMachine, folder: string): Way[] {
  const ssh = ["-F", sshConfig, name];
  return [
    {
      name: "scp",
      send: async (directory) => void (await execa("scp", ["-q", "-r", "-F", sshConfig, `${folder}/.`, `${name}:${directory}`])),
    },
    {
      name: "tar | ssh tar",
      send: async (directory) =>
        void (await execa("tar", ["-c", "-f", "-", "-C", folder, "."], { buffer: { stdout: false } }).pipe("ssh", [
          ...ssh,
          `tar -x -f - -C ${directory}`,
        ])),
    },
  ];
}

/** This machine's `adb`, and a newer one, whose `push` compresses if asked to, and by itself as it thinks fit. */
function adbWays({ adb }: LabMachine, folder: string): Way[] {
  const serial = adb.replace(/^adb:/, "");
  const push = (words: readonly string[], options: readonly string[]) => async (directory: string) => {
    const [program = "", ...first] = words;
    await execa(program, [...first, "-s", serial, "push", ...options, `${folder}/.`, directory]);
  };
  const newer = newerAdb();
  return [
    { name: "adb push", send: push(["adb"], []) },
    { name: "adb 34 push", send: push(newer, []) },
    { name: "adb 34 push -Z", send: push(newer, ["-Z"]) },
    { name: "adb 34 push -z any", send: push(newer, ["-z", "any"]) },
  ];
}

async function compare(link: string, host: Host, folder: string, ways: readonly Way[]): Promise<boolean> {
  const seconds = new Map<Way, number[]>(ways.map((way) => [way, []]));
  const names = (await describeFiles(folder)).map(({ name }) => name);
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      await host.script('rm -rf "$1"; mkdir -m 700 "$1"', [there]);
      const begin = performance.now();
      await way.send(there);
      seconds.get(way)!.push((performance.now() - begin) / 1000);
      const arrived = (await host.script('ls "$1" | wc -l', [there])).trim();
      if (arrived !== String(names.length)) throw new Error(`${way.name} brought ${arrived} of ${names.length} files`);
    }
  }
  await host.script('rm -rf "$1"', [there]);
  const total = 300 * MiB;
  const medians = ways.map((way) => ({ way, median: median(seconds.get(way)!) }));
  for (const { way, median: time } of medians) {
    console.log(`${link.padEnd(4)} ${way.name.padEnd(18)} ${time.toFixed(2).padStart(7)} s  ${formatRate(total / time)}`);
  }
  const [first, ...others] = medians;
  const best = others.reduce((a, b) => (b.median < a.median ? b : a));
  const ratio = first!.median / best.median;
  console.log(
    `RATIO ${ratio.toFixed(2)} to ${best.way.name} (at most ${largestRatio}), medians of ${rounds} each, in turn, ${formatBytes(total)}\n`,
  );
  return ratio <= largestRatio;
}
