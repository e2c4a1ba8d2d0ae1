import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { criuForTests } from "../testing/criu.ts";
import { Workload } from "../testing/workload.ts";
import type { CheckpointImages } from "./checkpoint-images.ts";
import { decodeImage } from "./decode-image.ts";
import { encodeImage } from "./encode-image.ts";
import { taskState, vmaStatus } from "./flags.ts";
import { imageKindOf } from "./kinds.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { type FileEntry, fdType, machine } from "./schema/index.ts";

/** The kernel adds errors and hang-ups to what a program asks for. */
const [epollIn, epollError, epollHangUp, epollEdge] = [1, 8, 16, 2 ** 31];

let workload: Workload;
let checkpoint: CheckpointImages;
/** Start and end of each mapping, from the kernel. */
let mappings: ReadonlyMap<string, string>;

before(async () => {
  const { program } = await criuForTests();
  workload = await Workload.start();
  const { facts, directory } = workload;
  const maps = await readFile(`/proc/${facts.pid}/maps`, "utf8");
  mappings = new Map(maps.split("\n").map((line) => [line.split(" ")[0]!, line]));
  await promisify(execFile)(program, ["dump", "--tree", String(facts.pid), "--images-dir", directory, "--leave-running"]);
  checkpoint = await openCheckpoint(directory);
});

after(async () => {
  checkpoint?.close();
  await workload?.[Symbol.asyncDispose]();
});

/** The open file behind one of the process's descriptors. */
function fileOf(descriptor: number): FileEntry {
  const { files_id } = checkpoint.ids(workload.facts.pid)!;
  const entry = checkpoint.fdinfo(files_id).find(({ fd }) => fd === descriptor);
  return checkpoint.files.get(entry!.id)!;
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

test("every image is of a known kind and gives its own bytes back", async () => {
  const names = await readdir(workload.directory);
  let count = 0;
  for (const name of names.filter((name) => !name.startsWith("pages-"))) {
    const kind = imageKindOf(name);
    assert.ok(kind, `${name} is of no known kind`);
    const bytes = await readFile(join(workload.directory, name));
    const image = decodeImage(kind, bytes, name);
    assert.equal(Buffer.compare(encodeImage(image), bytes), 0, `${name} comes back otherwise`);
    count++;
  }
  assert.ok(count >= 25, `${count} images`);
});

test("the tree: a leader with its threads, a child, a zombie", () => {
  const { pid, threads, child, zombie } = workload.facts;
  assert.deepEqual(
    checkpoint.pstree.map((entry) => [entry.pid, entry.ppid, [...entry.threads].sort()]),
    [
      [pid, 0, [pid, ...threads].sort()],
      [child, pid, [child]],
      [zombie, pid, [zombie]],
    ],
  );
  assert.equal(checkpoint.core(zombie).tc?.task_state, taskState.DEAD);
  assert.equal(checkpoint.core(zombie).tc?.exit_code, 3 << 8);
  assert.equal(checkpoint.mm(zombie), undefined);
});

test("registers and signal handlers", () => {
  const core = checkpoint.core(workload.facts.pid);
  assert.equal(core.mtype, process.arch === "arm64" ? machine.values.AARCH64 : machine.values.X86_64);
  assert.equal(core.tc?.comm, "python3");
  // Signals 1 to 64 without 9 and 19: SIGUSR1 (10) comes ninth.
  assert.equal(core.tc?.sigactions.length, 62);
  assert.ok(core.tc!.sigactions[8]!.sigaction > 1n);
  const { real } = core.tc!.timers!;
  assert.equal(real.isec, 86400n);
  assert.ok(real.vsec > 86000n && real.vsec <= 86400n);
});

test("the address space is the kernel's", () => {
  // CRIU joins [vvar] and [vvar_vclock] and lists guard ranges once more at the end.
  const special = vmaStatus.GUARD | vmaStatus.VVAR;
  const vmas = checkpoint.mm(workload.facts.pid)!.vmas.filter(({ status }) => (status & special) === 0);
  const dumped = vmas.map(({ start, end }) => `${start.toString(16).padStart(8, "0")}-${end.toString(16).padStart(8, "0")}`);
  const kernel = [...mappings].filter(([range, line]) => range !== "" && !/\[vvar.*\]$/.test(line));
  assert.ok(dumped.length > 50);
  assert.deepEqual(
    dumped,
    kernel.map(([range]) => range),
  );
});

test("all pages are accounted for, in the counts that CRIU 4.2 writes", async () => {
  const { pid, marker } = workload.facts;
  const pagemap = checkpoint.pagemap(pid)!;
  const pages = pagemap.runs.reduce((sum, run) => sum + run.pages, 0);
  assert.equal(pages * 4096, (await stat(join(workload.directory, pagemap.pagesFile))).size);
  const image = decodeImage("pagemap", await readFile(join(workload.directory, `pagemap-${pid}.img`)), "pagemap");
  assert.ok(image.entries.every(({ message }) => message.nr_pages !== undefined && message.compat_nr_pages === 0));
  assert.equal(text(checkpoint.readPages(pagemap, BigInt(marker), 32)), "this text lies in private memory");
});

test("a pipe and what waits in it", () => {
  const read = fileOf(workload.facts.readEnd).pipe!;
  const write = fileOf(workload.facts.writeEnd).pipe!;
  assert.equal(read.pipe_id, write.pipe_id);
  assert.equal(write.flags & 3, 1);
  assert.equal(text(checkpoint.pipesData.get(read.pipe_id)?.bytes), "waits in the pipe");
});

test("a listening socket", () => {
  const socket = fileOf(workload.facts.listener).isk!;
  assert.deepEqual(
    [socket.family, socket.type, socket.state, socket.src_port, socket.backlog],
    [2, 1, 10, workload.facts.port, 7],
  );
  assert.equal(Buffer.from(Uint32Array.from(socket.src_addr).buffer).join("."), "127.0.0.1");
});

test("a pair of unix sockets and the packet between them", () => {
  const [left, right] = [fileOf(workload.facts.left), fileOf(workload.facts.right)];
  assert.equal(left.usk?.peer, right.usk?.ino);
  assert.equal(right.usk?.peer, left.usk?.ino);
  assert.deepEqual(
    checkpoint.skQueues.get(right.id)?.map(({ bytes }) => text(bytes)),
    ["waits in the socket"],
  );
});

test("an unlinked file's contents", () => {
  const { id, type } = fileOf(workload.facts.unlinked);
  assert.equal(type, fdType.values.REG);
  const ghost = checkpoint.ghost(checkpoint.remaps.get(id)!.remap_id)!;
  const [chunk] = ghost.chunks;
  const image = readFileSync(join(workload.directory, ghost.image));
  assert.equal(image.toString("utf8", Number(chunk!.imageOffset)), "nobody can name me");
});

test("a memfd's contents", () => {
  const inode = checkpoint.memfds.get(fileOf(workload.facts.memoryFile).memfd!.inode_id)!;
  assert.deepEqual([inode.name, inode.size], ["scratch", 14n]);
  const pagemap = checkpoint.shmemPagemap(inode.shmid)!;
  assert.equal(text(checkpoint.readPages(pagemap, 0n, 14)), "memfd contents");
});

test("an epoll and what it watches", () => {
  const { tfd } = fileOf(workload.facts.epoll).epfd!;
  assert.deepEqual(
    tfd.map(({ tfd, events }) => [tfd, events]),
    [[workload.facts.readEnd, epollIn + epollError + epollHangUp + epollEdge]],
  );
});

test("the clocks at the dump", () => {
  const { monotonic } = checkpoint.timens!;
  const now = process.hrtime.bigint() / 1_000_000_000n;
  assert.ok(monotonic.tv_sec <= now && monotonic.tv_sec > now - 60n);
});
