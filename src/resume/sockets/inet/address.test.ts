import assert from "node:assert/strict";
import test from "node:test";
import { inetSocket } from "../../testing/synthetic-images.ts";
import { formatEndpoint, isBoundEverywhere } from "./address.ts";
import { isConnectedTcp, isEndedTcp, isKnownInetSocket, isListening } from "./state.ts";

const v4 = (address: string) => {
  const [a, b, c, d] = address.split(".").map(Number) as [number, number, number, number];
  return inetSocket({ src_addr: [((d << 24) | (c << 16) | (b << 8) | a) >>> 0] });
};
/** 32-bit words as the machine reads them from network byte order. */
const v6 = (...words: readonly number[]) => {
  const swapped = words.map((word) => new DataView(new Uint32Array([word]).buffer).getUint32(0));
  return inetSocket({ family: 10, src_addr: swapped });
};

for (const [socket, text, everywhere] of [
  [v4("0.0.0.0"), "0.0.0.0:80", true],
  [v4("127.0.0.1"), "127.0.0.1:80", true],
  [v4("127.9.9.9"), "127.9.9.9:80", true],
  [v4("172.17.0.2"), "172.17.0.2:80", false],
  [v4("255.255.255.255"), "255.255.255.255:80", false],
  [v6(0, 0, 0, 0), "[0:0:0:0:0:0:0:0]:80", true],
  [v6(0, 0, 0, 1), "[0:0:0:0:0:0:0:1]:80", true],
  [v6(0, 0, 0xffff, 0x7f000001), "[0:0:0:0:0:ffff:7f00:1]:80", true],
  [v6(0, 0, 0xffff, 0xac110002), "[0:0:0:0:0:ffff:ac11:2]:80", false],
  [v6(0xfe800000, 0, 0x0242acff, 0xfe110002), "[fe80:0:0:0:242:acff:fe11:2]:80", false],
] as const) {
  test(`inet socket: ${text} is ${everywhere ? "" : "not "}an address of every container`, () => {
    assert.equal(formatEndpoint(socket, "src"), text);
    assert.equal(isBoundEverywhere(socket), everywhere);
  });
}

test("inet socket: states", () => {
  const kinds = (more: Parameters<typeof inetSocket>[0]) => {
    const socket = inetSocket(more);
    return [isListening(socket), isConnectedTcp(socket), isEndedTcp(socket), isKnownInetSocket(socket)];
  };
  assert.deepEqual(kinds({ state: 10 }), [true, false, false, true]);
  for (const state of [1, 2, 4, 8]) assert.deepEqual(kinds({ state }), [false, true, false, true], String(state));
  assert.deepEqual(kinds({ state: 7 }), [false, false, false, true]);
  assert.deepEqual(kinds({ state: 7, shutdown: 2 }), [false, false, false, true]);
  assert.deepEqual(kinds({ state: 7, shutdown: 1 }), [false, false, true, true]);
  assert.deepEqual(kinds({ type: 2, proto: 17, state: 1 }), [false, false, false, true]);
  assert.deepEqual(kinds({ type: 3, state: 7 }), [false, false, false, true]);
  assert.deepEqual(kinds({ family: 1, state: 7 }), [false, false, false, false]);
});
