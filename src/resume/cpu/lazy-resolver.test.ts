import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { criuForTests } from "../../criu/testing/criu.ts";
import { memoryOf, moduleOf } from "../testing/synthetic-memory.ts";
import { redirectLazyResolver } from "./lazy-resolver.ts";

const base = 0x7f00_0000_0000n;
const xsave = Buffer.from([0x0f, 0xae, 0x64, 0x24, 0x40]);
const xsavec = Buffer.from([0x0f, 0xc7, 0x64, 0x24, 0x40]);

const loaders: Readonly<Record<string, () => Promise<{ readonly path: string; readonly trampolines: number }>>> = {
  "this machine's glibc": async () => ({ path: "/lib64/ld-linux-x86-64.so.2", trampolines: 1 }),
  // Since 2.39 there is another one for TLS descriptors.
  "the newest glibc": async () => ({
    path: join((await criuForTests()).binDirectory, "../prefix/usr/lib64/ld-linux-x86-64.so.2"),
    trampolines: 2,
  }),
};

for (const [name, find] of Object.entries(loaders)) {
  test(`lazy resolver: every trampoline with XSAVEC of ${name} leads to one with XSAVE, which finds room`, async () => {
    const { path, trampolines } = await find();
    const loader = moduleOf(path, base);
    const memory = memoryOf([loader]);
    const patches = redirectLazyResolver(memory);
    const jumps = patches.filter(({ bytes }) => bytes[0] === 0xe9);
    assert.equal(jumps.length, trampolines);
    assert.equal(new Set(jumps.map(({ address }) => address)).size, trampolines);
    for (const { address, bytes } of jumps) {
      const target = address + 5n + BigInt(new DataView(bytes.buffer).getInt32(1, true));
      const code = (from: bigint): Buffer => Buffer.from(memory.read(from, 160)!);
      assert.ok(code(address).includes(xsavec) && !code(address).subarray(0, code(address).indexOf(xsavec)).includes(xsave));
      assert.ok(code(target).includes(xsave) && !code(target).subarray(0, code(target).indexOf(xsave)).includes(xsavec));
      assert.deepEqual(memory.read(address, 10), memory.read(target, 10), "both begin alike");
    }
    const rooms = patches.filter(({ bytes }) => bytes.length === 8);
    assert.equal(rooms.length, trampolines);
    for (const { address, bytes } of rooms) {
      assert.ok(new DataView(bytes.buffer).getBigUint64(0, true) >= 64n + 2688n);
      assert.equal(address % 8n, 0n);
      assert.ok(memory.moduleAt(address) === loader);
    }
  });
}

test("lazy resolver: room that is large enough is left", () => {
  const loader = moduleOf("/lib64/ld-linux-x86-64.so.2", base);
  const [room] = redirectLazyResolver(memoryOf([loader])).filter(({ bytes }) => bytes.length === 8);
  const enough = new Uint8Array(8);
  new DataView(enough.buffer).setBigUint64(0, 4096n, true);
  assert.equal(redirectLazyResolver(memoryOf([loader], new Map([[room!.address, enough]]))).length, 1);
});

test("lazy resolver: other libraries are left", () => {
  assert.deepEqual(redirectLazyResolver(memoryOf([moduleOf("/lib/x86_64-linux-gnu/libc.so.6", base)])), []);
});
