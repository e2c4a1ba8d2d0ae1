import assert from "node:assert/strict";
import test from "node:test";
import { unknownFields } from "../protobuf/schema.ts";
import { decodeImage } from "./decode-image.ts";
import { encodeImage } from "./encode-image.ts";
import { magic } from "./magic.ts";

const words = (...values: number[]): Buffer => Buffer.concat(values.map((value) => Buffer.from(Uint32Array.of(value).buffer)));
const common = 0x54564319;
/** pages_id 5; one run. */
const head = Buffer.from([2, 0, 0, 0, 0x08, 5]);
const run = Buffer.from([4, 0, 0, 0, 0x08, 0, 0x10, 1]);
/** bytes = 3 for pipe 1 */
const pipe = Buffer.from([4, 0, 0, 0, 0x08, 1, 0x10, 3]);

test("images of version 1.1, of version 1.0 and of services differ in what precedes the magic, and keep it", () => {
  for (const [framing, start] of [
    ["common", words(common, magic.FS)],
    ["bare", words(magic.FS)],
    ["service", words(0x55105940, magic.FS)],
  ] as const) {
    const bytes = Buffer.concat([start, Buffer.from([4, 0, 0, 0, 0x08, 1, 0x10, 2])]);
    const image = decodeImage("fs", bytes, "fs-1.img");
    assert.equal(image.framing, framing);
    assert.deepEqual(image.entries, [{ message: { cwd_id: 1, root_id: 2 } }]);
    assert.deepEqual(Buffer.from(encodeImage(image)), bytes);
  }
});

test("the inventory has its own magic only", () => {
  const entry = Buffer.from([4, 0, 0, 0, 0x08, 2, 0x10, 1]);
  assert.equal(decodeImage("inventory", Buffer.concat([words(0x58313116), entry]), "inventory.img").framing, "bare");
  assert.throws(() => decodeImage("inventory", Buffer.concat([words(common, 0x58313116), entry]), "inventory.img"), {
    code: "image-corrupt",
    message: /magic is 0x54564319 instead of 0x58313116/,
  });
});

test("a pagemap begins with its head", () => {
  const bytes = Buffer.concat([words(common, magic.PAGEMAP), head, run]);
  const image = decodeImage("pagemap", bytes, "pagemap-1.img");
  assert.equal(image.head?.pages_id, 5);
  assert.deepEqual(image.entries, [{ message: { vaddr: 0n, compat_nr_pages: 1 } }]);
  assert.deepEqual(Buffer.from(encodeImage(image)), bytes);
  assert.throws(() => decodeImage("pagemap", words(common, magic.PAGEMAP), "pagemap-1.img"), { code: "image-corrupt" });
});

test("an image may have no entries, and an entry no bytes", () => {
  assert.deepEqual(decodeImage("seccomp", words(common, magic.SECCOMP), "seccomp.img").entries, []);
  const image = decodeImage("seccomp", words(common, magic.SECCOMP, 0, 0), "seccomp.img");
  assert.deepEqual(image.entries, [{ message: { seccomp_filters: [] } }, { message: { seccomp_filters: [] } }]);
  assert.equal(encodeImage(image).length, 16);
});

test("raw bytes follow the entries that ask for them", () => {
  const bytes = Buffer.concat([words(common, magic.PIPES_DATA), pipe, Buffer.from("abc"), pipe, Buffer.from("def")]);
  const image = decodeImage("pipes-data", bytes, "pipes-data.img");
  assert.deepEqual(
    image.entries.map(({ extra }) => Buffer.from(extra!).toString()),
    ["abc", "def"],
  );
  assert.deepEqual(Buffer.from(encodeImage(image)), bytes);
  assert.throws(() => decodeImage("pipes-data", bytes.subarray(0, -1), "pipes-data.img"), {
    code: "image-corrupt",
    message: /pipes-data\.img \(offset 27\): the data after an entry has 3 bytes, but 2 are left/,
  });
});

test("System V segments are padded to 4 bytes, semaphores to 8, messages to 8", () => {
  const desc = { key: 1, uid: 0, gid: 0, cuid: 0, cgid: 0, mode: 0o600, id: 3 };
  const shm = (extra: number, in_pagemaps?: boolean) =>
    encodeImage({
      kind: "ipcns-shm",
      framing: "common",
      entries: [{ message: { desc, size: 5n, in_pagemaps }, ...(extra === 0 ? {} : { extra: Buffer.alloc(extra) }) }],
    });
  assert.equal(decodeImage("ipcns-shm", shm(8), "ipcns-shm-1.img").entries[0]?.extra?.length, 8);
  assert.equal(decodeImage("ipcns-shm", shm(0, true), "ipcns-shm-1.img").entries[0]?.extra, undefined);
  assert.throws(() => decodeImage("ipcns-shm", shm(5), "ipcns-shm-1.img"), { code: "image-corrupt" });

  const sem = encodeImage({
    kind: "ipcns-sem",
    framing: "common",
    entries: [{ message: { desc, nsems: 5 }, extra: Buffer.alloc(16) }],
  });
  assert.equal(decodeImage("ipcns-sem", sem, "ipcns-sem-1.img").entries[0]?.extra?.length, 16);

  // Two messages: length of the header, header (mtype 1, msize 9), text padded to 16.
  const one = Buffer.concat([words(4), Buffer.from([0x08, 1, 0x10, 9]), Buffer.alloc(16, "x")]);
  const entry = { message: { desc, qbytes: 100, qnum: 2 }, extra: Uint8Array.from(Buffer.concat([one, one])) };
  const msg = encodeImage({ kind: "ipcns-msg", framing: "common", entries: [entry, entry] });
  assert.deepEqual(decodeImage("ipcns-msg", msg, "ipcns-msg-1.img").entries, [entry, entry]);
  assert.throws(() => decodeImage("ipcns-msg", msg.subarray(0, -1), "ipcns-msg-1.img"), { code: "image-corrupt" });
});

test("lengths that the file does not have are refused at once", () => {
  for (const length of [1, 0x7fff_ffff, 0xffff_ffff]) {
    assert.throws(() => decodeImage("core", words(common, magic.CORE, length), "core-1.img"), { code: "image-corrupt" });
  }
});

test("files that are too short for a magic are refused", () => {
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(3), words(common)]) {
    assert.throws(() => decodeImage("mm", bytes, "mm-1.img"), { code: "image-corrupt" });
  }
});

test("fields of a newer CRIU survive rewriting", () => {
  const bytes = Buffer.concat([words(common, magic.FS), Buffer.from([8, 0, 0, 0, 0x08, 1, 0x10, 2, 0x7a, 2, 0xca, 0xfe])]);
  const image = decodeImage("fs", bytes, "fs-1.img");
  assert.equal(image.entries[0]?.message[unknownFields]?.[0]?.number, 15);
  assert.deepEqual(Buffer.from(encodeImage(image)), bytes);
});
