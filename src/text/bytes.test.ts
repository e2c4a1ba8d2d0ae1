import assert from "node:assert/strict";
import test from "node:test";
import { formatBytes, formatRate } from "./bytes.ts";

const cases: readonly [number | bigint, string][] = [
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1536, "1.5 KiB"],
  [1024 ** 2 - 1, "1.0 MiB"],
  [267 * 1024 ** 2, "267.0 MiB"],
  [1024 ** 3, "1.0 GiB"],
  [5n * 1024n ** 3n, "5.0 GiB"],
  [1024 ** 4 - 1, "1.0 TiB"],
  [2n ** 60n, "1048576.0 TiB"],
];

for (const [bytes, text] of cases) {
  test(`${bytes} bytes are ${text}`, () => {
    assert.equal(formatBytes(bytes), text);
  });
}

test("a rate is bytes for each second, fractions rounded", () => {
  assert.equal(formatRate(11.2 * 1024 ** 2), "11.2 MiB/s");
  assert.equal(formatRate(12.7), "13 B/s");
});
