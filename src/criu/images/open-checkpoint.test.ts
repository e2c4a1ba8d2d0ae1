import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { encodeMessage } from "../protobuf/encode.ts";
import { core, ImageDirectory } from "../testing/image-directory.ts";
import { seededRandom } from "../testing/random.ts";
import { randomMessage } from "../testing/random-message.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { fdType, ghostChunkEntry, unixSkEntry } from "./schema/index.ts";

const noOwner = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };
const memfd = { name: "a", uid: 0, gid: 0, size: 0n, shmid: 1, seals: 0, inode_id: 5n };
const pages = (...fill: number[]): Uint8Array => Buffer.concat(fill.map((value) => Buffer.alloc(4096, value)));
const run = (vaddr: bigint, nr_pages: bigint) => ({ message: { vaddr, compat_nr_pages: 0, nr_pages, flags: 4 } });

test("what is not in the directory is empty", async () => {
  await using directory = await ImageDirectory.minimal();
  using checkpoint = await openCheckpoint(directory.path);
  assert.deepEqual(checkpoint.pstree[0]?.threads, [1, 7]);
  assert.equal(checkpoint.core(7).tc?.task_state, 1);
  assert.equal(checkpoint.mm(1), undefined);
  assert.equal(checkpoint.fs(1), undefined);
  assert.equal(checkpoint.pagemap(1), undefined);
  assert.equal(checkpoint.shmemPagemap(4n), undefined);
  assert.equal(checkpoint.ghost(1), undefined);
  assert.equal(checkpoint.tcpStream(1), undefined);
  assert.equal(checkpoint.timens, undefined);
  assert.equal(checkpoint.seccomp, undefined);
  assert.deepEqual(checkpoint.mounts(1), []);
  assert.throws(() => checkpoint.fdinfo(1), { code: "image-corrupt", message: /fdinfo-1\.img: the descriptors .* are missing/ });
  assert.deepEqual(
    [checkpoint.files.size, checkpoint.pipesData.size, checkpoint.skQueues.size, checkpoint.memfds.size],
    [0, 0, 0, 0],
  );
  assert.deepEqual([checkpoint.fileLocks, checkpoint.ipcObjects, checkpoint.temporaryFileSystems.size], [[], [], 0]);
});

test("no inventory: no checkpoint", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.remove("inventory.img");
  await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message: /no inventory\.img/ });
  await assert.rejects(openCheckpoint(join(directory.path, "elsewhere")), {
    code: "image-corrupt",
    message: /elsewhere can't be read/,
  });
});

const inventories = [
  ["an unknown version", { img_version: 3, fdinfo_per_id: true }, /version 3/],
  ["descriptor tables by process", { img_version: 1 }, /very old CRIU/],
  ["a pre-dump", { img_version: 2, fdinfo_per_id: true, pre_dump_mode: 1 }, /pre-dump/],
] as const;

for (const [what, message, expected] of inventories) {
  test(`${what} is refused`, async () => {
    await using directory = await ImageDirectory.minimal();
    await directory.write("inventory", "inventory.img", [{ message }]);
    await assert.rejects(openCheckpoint(directory.path), { code: "image-unsupported", message: expected });
  });
}

test("an inventory with a field of a newer CRIU is refused, as pages may be compressed", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.raw("inventory.img", Buffer.from("1631315806000000080210017a00", "hex"));
  await assert.rejects(openCheckpoint(directory.path), { code: "image-unsupported", message: /inventory_entry has field 15/ });
});

test("a pagemap head with a field of a newer CRIU is refused", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.raw("pages-1.img", pages());
  await directory.raw("pagemap-1.img", Buffer.from("19435654254008560400000008011001", "hex"));
  await assert.rejects(openCheckpoint(directory.path), { code: "image-unsupported", message: /pagemap_head has field 2/ });
});

test("each thread has a core image", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.remove("core-7.img");
  await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message: /core-7\.img/ });
});

const process1 = { pid: 1, ppid: 0, pgid: 1, sid: 1, threads: [1, 7] };
const trees = [
  ["a process twice", [process1, { ...process1, ppid: 1 }], /two processes or threads have the id 1/],
  ["a thread twice", [{ ...process1, threads: [1, 7, 7] }], /two processes or threads have the id 7/],
  ["a process that has the id of another's thread", [process1, { ...process1, pid: 7, ppid: 1, threads: [7] }], /have the id 7/],
  ["a process without a parent", [process1, { ...process1, pid: 9, ppid: 8, threads: [9] }], /process 9 is a child of 8/],
  ["a process that is its own parent", [process1, { ...process1, pid: 9, ppid: 9, threads: [9] }], /process 9 is a child of 9/],
  ["a process without its main thread", [{ ...process1, threads: [7] }], /process 1 has no main thread/],
  ["the id 0", [{ ...process1, threads: [1, 7, 0] }], /0 is no id/],
  ["an id that Linux does not give", [{ ...process1, threads: [1, 7, 1 << 23] }], /8388608 is no id/],
  ["a thread that is left out", [{ ...process1, threads: [1] }], /core-7\.img belongs to no process/],
] as const;

for (const [what, tree, message] of trees) {
  test(`a tree with ${what} is refused`, async () => {
    await using directory = await ImageDirectory.minimal();
    await directory.write("core", "core-9.img", [{ message: core(1) }]);
    await directory.write(
      "pstree",
      "pstree.img",
      tree.map((message) => ({ message })),
    );
    await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message });
  });
}

test("a tree that is deeper than the compiler can go is refused", async () => {
  await using directory = await ImageDirectory.minimal();
  const chain = Array.from({ length: 1001 }, (_, index) => ({
    ...process1,
    pid: 10 + index,
    ppid: 9 + index,
    threads: [10 + index],
  }));
  for (const { pid } of chain) await directory.write("core", `core-${pid}.img`, [{ message: core(1) }]);
  const tree = [process1, { ...chain[0]!, ppid: 1 }, ...chain.slice(1)];
  await directory.write(
    "pstree",
    "pstree.img",
    tree.map((message) => ({ message })),
  );
  await assert.rejects(openCheckpoint(directory.path), { code: "image-unsupported", message: /process 1009 has more than 1000/ });
});

test("a descriptor table of no process is refused, and an entry that is there twice", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.write("memfd", "memfd.img", [{ message: memfd }, { message: memfd }]);
  await assert.rejects(openCheckpoint(directory.path), {
    code: "image-corrupt",
    message: /memfd\.img: two entries have the id 5/,
  });
  await directory.write("fdinfo", "fdinfo-4.img", []);
  await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message: /fdinfo-4\.img belongs to no process/ });
});

test("a zombie's thread is itself, whatever CRIU left in its entry", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.write("core", "core-1.img", [{ message: core(2) }]);
  await directory.write("pstree", "pstree.img", [{ message: { pid: 1, ppid: 0, pgid: 1, sid: 1, threads: [1575995024] } }]);
  await directory.remove("core-7.img");
  using checkpoint = await openCheckpoint(directory.path);
  assert.deepEqual(checkpoint.pstree[0]?.threads, [1]);
});

test("pages are read across neighbouring runs, and holes are undefined", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.write("pagemap", "pagemap-1.img", [run(0x1000n, 1n), run(0x2000n, 2n), run(0x7fff_0000_0000n, 1n)], {
    pages_id: 9,
  });
  await directory.raw("pages-9.img", pages(1, 2, 3, 4));
  using checkpoint = await openCheckpoint(directory.path);
  const pagemap = checkpoint.pagemap(1)!;
  assert.deepEqual([pagemap.pagesId, pagemap.pagesFile, pagemap.pagesSize, pagemap.runs.length], [9, "pages-9.img", 16384n, 3]);
  assert.deepEqual(checkpoint.readPages(pagemap, 0x1ffen, 4), Uint8Array.of(1, 1, 2, 2));
  assert.deepEqual(checkpoint.readPages(pagemap, 0x1fffn, 0x1002), Uint8Array.from([1, ...Array(0x1000).fill(2), 3]));
  assert.deepEqual(checkpoint.readPages(pagemap, 0x7fff_0000_0fffn, 1), Uint8Array.of(4));
  for (const hole of [0xfffn, 0x3fffn, 0x4000n, 0x7fff_0000_0fffn]) {
    assert.equal(checkpoint.readPages(pagemap, hole, 2), undefined);
  }
  assert.deepEqual(checkpoint.readPages(pagemap, 0x1000n, 0), new Uint8Array());
});

test("shared memory has pages of its own, by numbers beyond 2^53 too", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.write("pagemap-shmem", "pagemap-shmem-18446744073709551615.img", [run(0n, 1n)], { pages_id: 2 });
  await directory.raw("pages-2.img", pages(5));
  using checkpoint = await openCheckpoint(directory.path);
  const pagemap = checkpoint.shmemPagemap(0xffff_ffff_ffff_ffffn)!;
  assert.deepEqual(checkpoint.readPages(pagemap, 4095n, 1), Uint8Array.of(5));
});

for (const [what, size] of [
  ["shorter", 2],
  ["longer", 4],
] as const) {
  test(`a pages file ${what} than the pagemap says is refused`, async () => {
    await using directory = await ImageDirectory.minimal();
    await directory.write("pagemap", "pagemap-1.img", [run(0x1000n, 3n)], { pages_id: 1 });
    await directory.raw("pages-1.img", pages(...Array(size).fill(0)));
    await assert.rejects(openCheckpoint(directory.path), {
      code: "image-corrupt",
      message: new RegExp(`pages-1\\.img has ${size * 4096} bytes, but pagemap-1\\.img tells of 12288`),
    });
  });
}

test("a missing pages file is refused", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.write("pagemap", "pagemap-1.img", [run(0x1000n, 1n)], { pages_id: 1 });
  await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message: /pages-1\.img can't be opened/ });
});

test("links out of the directory are refused", async () => {
  await using directory = await ImageDirectory.minimal();
  await symlink("/etc/passwd", join(directory.path, "files.img"));
  await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message: /files\.img can't be opened/ });
});

test("links in the place of pages are refused", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.write("pagemap", "pagemap-1.img", [], { pages_id: 1 });
  await symlink("/dev/null", join(directory.path, "pages-1.img"));
  await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message: /pages-1\.img can't be opened/ });
});

test("open files come from files.img and from the one-type files of old CRIU", async () => {
  await using directory = await ImageDirectory.minimal();
  const socket = { ...randomMessage(unixSkEntry, seededRandom(1)), id: 8 };
  const fown = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };
  const pipe = { id: 3, pipe_id: 77, flags: 1, fown };
  await directory.write("files", "files.img", [{ message: { type: fdType.values.UNIXSK, id: 8, usk: socket } }]);
  await directory.write("pipes", "pipes.img", [{ message: pipe }]);
  using checkpoint = await openCheckpoint(directory.path);
  assert.deepEqual(checkpoint.files.get(8)?.usk, socket);
  assert.deepEqual(checkpoint.files.get(3), { type: fdType.values.PIPE, id: 3, pipe });
});

test("a file that is not what it says, and one that is there twice, are refused", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.write("files", "files.img", [{ message: { type: fdType.values.REG, id: 8 } }]);
  await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message: /file 8 has type 1/ });
  const epfd = { id: 4, flags: 0, fown: { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 }, tfd: [] };
  const entry = { message: { type: fdType.values.EVENTPOLL, id: 4, epfd } };
  await directory.write("files", "files.img", [entry, entry]);
  await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message: /two files have the id 4/ });
});

test("a name with a zero byte, and one that was lost of a file that is not there, are refused", async () => {
  await using directory = await ImageDirectory.minimal();
  const reg = { id: 4, flags: 0, pos: 0n, fown: noOwner, name: "/etc/pass\0wd", build_id: [] };
  await directory.write("files", "files.img", [{ message: { type: fdType.values.REG, id: 4, reg } }]);
  await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message: /the name of file 4 has a zero byte/ });
  await directory.write("files", "files.img", []);
  await directory.write("remap-fpath", "remap-fpath.img", [{ message: { orig_id: 4, remap_id: 1 } }]);
  await assert.rejects(openCheckpoint(directory.path), {
    code: "image-corrupt",
    message: /remap-fpath\.img: file 4, which lost/,
  });
});

test("parts of images that only old CRIU wrote apart are refused by name", async () => {
  await using directory = await ImageDirectory.minimal();
  await directory.write("rlimit", "rlimit-1.img", [{ message: { cur: 1n, max: 2n } }]);
  await assert.rejects(openCheckpoint(directory.path), { code: "image-unsupported", message: /rlimit-1\.img/ });
});

test("unlinked files come raw or in chunks", async () => {
  await using directory = await ImageDirectory.minimal();
  const chunk = (off: bigint, text: string) => {
    const message = encodeMessage(ghostChunkEntry, { len: BigInt(text.length), off });
    return Buffer.concat([Buffer.from(Uint32Array.of(message.length).buffer), message, Buffer.from(text)]);
  };
  const owner = { uid: 0, gid: 0, mode: 0o100600 };
  const chunks = Buffer.concat([chunk(0n, "begin"), chunk(8192n, "end")]);
  await directory.write("ghost-file", "ghost-file-1.img", [{ message: owner, extra: Buffer.from("raw") }]);
  await directory.write("ghost-file", "ghost-file-1f.img", [
    { message: { ...owner, chunks: true, size: 10000n }, extra: chunks },
  ]);
  await directory.write("ghost-file", "ghost-file-2.img", [{ message: { ...owner, size: 4096n } }]);
  using checkpoint = await openCheckpoint(directory.path);
  const contents = (id: number) => {
    const { size, chunks, image } = checkpoint.ghost(id)!;
    const bytes = readFileSync(join(directory.path, image));
    return [
      size,
      ...chunks.map(({ offset, length, imageOffset }) => [
        offset,
        bytes.toString("utf8", Number(imageOffset), Number(imageOffset + length)),
      ]),
    ];
  };
  assert.deepEqual(contents(1), [3n, [0n, "raw"]]);
  assert.deepEqual(contents(0x1f), [10000n, [0n, "begin"], [8192n, "end"]]);
  assert.deepEqual(contents(2), [4096n]);
  const cut = chunks.subarray(0, -1);
  await directory.write("ghost-file", "ghost-file-1f.img", [{ message: { ...owner, chunks: true, size: 10000n }, extra: cut }]);
  await assert.rejects(openCheckpoint(directory.path), {
    code: "image-corrupt",
    message: /ghost-file-1f\.img: \(chunks\) has 3 bytes/,
  });
  await directory.write("ghost-file", "ghost-file-1f.img", [{ message: { ...owner, chunks: true, size: 10n }, extra: chunks }]);
  await assert.rejects(openCheckpoint(directory.path), {
    code: "image-corrupt",
    message: /data to byte 8195 of a file of 10 bytes/,
  });
});

test("queues of sockets and pipes", async () => {
  await using directory = await ImageDirectory.minimal();
  const packet = (id_for: number, text: string) => ({
    message: { id_for, length: text.length, scm: [] },
    extra: Buffer.from(text),
  });
  await directory.write("sk-queues", "sk-queues.img", [packet(3, "one"), packet(4, "other"), packet(3, "two")]);
  await directory.write("fifo-data", "fifo-data.img", [{ message: { pipe_id: 6, bytes: 2 }, extra: Buffer.from("ff") }]);
  const stream = { inq_len: 2, inq_seq: 1, outq_len: 3, outq_seq: 1, opt_mask: 0, snd_wscale: 0, mss_clamp: 1460 };
  await directory.write("tcp-stream", "tcp-stream-ab.img", [{ message: stream, extra: Buffer.from("inout") }]);
  using checkpoint = await openCheckpoint(directory.path);
  const text = (bytes?: Uint8Array) => Buffer.from(bytes ?? []).toString();
  assert.deepEqual(
    checkpoint.skQueues.get(3)?.map(({ bytes }) => text(bytes)),
    ["one", "two"],
  );
  assert.equal(text(checkpoint.fifoData.get(6)?.bytes), "ff");
  assert.equal(text(checkpoint.tcpStream(0xab)?.received), "in");
  assert.equal(text(checkpoint.tcpStream(0xab)?.unsent), "out");
});

test("locks, and the objects of all IPC namespaces", async () => {
  await using directory = await ImageDirectory.minimal();
  const lock = { flag: 2, type: 1, pid: 1, fd: 5, start: 0n, len: 0n };
  await directory.write("filelocks", "filelocks.img", [{ message: lock }]);
  const desc = (key: number, id: number) => ({ key, uid: 0, gid: 0, cuid: 0, cgid: 0, mode: 0o600, id });
  const padded = (word: string) => new TextEncoder().encode(word.padEnd(8, "\0"));
  await directory.write("ipcns-shm", "ipcns-shm-11.img", [{ message: { desc: desc(7, 0), size: 4096n, in_pagemaps: true } }]);
  await directory.write("ipcns-sem", "ipcns-sem-11.img", [
    { message: { desc: desc(8, 1), nsems: 2 }, extra: new Uint8Array([5, 0, 6, 0, 0, 0, 0, 0]) },
  ]);
  await directory.write("ipcns-msg", "ipcns-msg-12.img", [
    { message: { desc: desc(9, 2), qbytes: 100, qnum: 1 }, extra: new Uint8Array([4, 0, 0, 0, 8, 4, 16, 5, ...padded("hello")]) },
  ]);
  using checkpoint = await openCheckpoint(directory.path);
  assert.deepEqual(checkpoint.fileLocks, [lock]);
  assert.deepEqual(checkpoint.ipcObjects, [
    { kind: "shared memory segment", desc: desc(7, 0), size: 4096n, inPagemap: true, hugePages: false },
    { kind: "semaphore set", desc: desc(8, 1), values: [5, 6] },
    { kind: "message queue", desc: desc(9, 2), capacity: 100, messages: [{ type: 4n, text: new TextEncoder().encode("hello") }] },
  ]);
});
