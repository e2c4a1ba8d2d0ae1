import assert from "node:assert/strict";
import { execPath } from "node:process";
import { test } from "node:test";
import { memoryOf, moduleOf } from "../testing/synthetic-memory.ts";
import { replaceAvx512Implementations } from "./simd-implementations.ts";

test("SIMD implementations: what Node.js has for AVX-512 gets the functions for AVX2", () => {
  const node = moduleOf(execPath, 0n);
  const tables = new Map(node.elf.symbols.map(({ name, value, size }) => [name, { value, size }]));
  const patches = replaceAvx512Implementations(memoryOf([node]));
  const replaced = ["7simdutf7icelake14implementationE", "8simdjson7icelake14implementationE"];
  for (const name of [...replaced, "8simdjson7icelake25dom_parser_implementationE"]) {
    const [icelake, haswell] = [name, name.replace("icelake", "haswell")].map((each) => tables.get(`_ZTVN${each}`)!);
    const patch = patches.find(({ address }) => address === icelake!.value);
    assert.deepEqual(patch?.bytes, node.elf.read(haswell!.value, Number(icelake!.size)), name);
    assert.notDeepEqual(patch?.bytes, node.elf.read(icelake!.value, Number(icelake!.size)), name);
  }
  assert.equal(patches.length, 3);
});

test("SIMD implementations: other programs are left", () => {
  assert.deepEqual(replaceAvx512Implementations(memoryOf([moduleOf("/lib/x86_64-linux-gnu/libc.so.6", 0n)])), []);
});

test("SIMD implementations: base64's routines for AVX-512 jump to those for AVX2", () => {
  const module = moduleOf("/lib/x86_64-linux-gnu/libc.so.6", 0x7f00_0000_0000n);
  const routine = (name: string, value: bigint) => ({ name, value, type: 2, section: 12, size: 64n, version: undefined });
  const symbols = [
    routine("base64_stream_encode_avx2", 0x1000n),
    routine("base64_stream_encode_avx512", 0x3000n),
    routine("base64_stream_decode_avx512", 0x4000n),
    routine("other_avx2", 0x5000n),
    routine("other_avx512", 0x6000n),
  ];
  const patches = replaceAvx512Implementations(
    memoryOf([{ ...module, elf: { ...module.elf, symbols, names: Buffer.from("base64_stream_encode_avx512") } }]),
  );
  assert.deepEqual(patches, [{ address: 0x7f00_0000_3000n, bytes: Uint8Array.from([0xe9, 0xfb, 0xdf, 0xff, 0xff]) }]);
});
