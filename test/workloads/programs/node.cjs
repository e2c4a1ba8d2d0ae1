// An HTTP server with code made at run time, a worker thread, timers and a Map of many entries.
const { createHash } = require("node:crypto");
const fs = require("node:fs/promises");
const { createServer } = require("node:http");
const { setFlagsFromString } = require("node:v8");
const { Worker } = require("node:worker_threads");
const { gunzipSync, gzipSync } = require("node:zlib");

setFlagsFromString("--allow-natives-syntax");
/** V8's own answer, a set of bits (v8/src/runtime/runtime.h, OptimizationStatus): "turbofanned" is bit 6 in V8 10, bit 5 in V8 14. */
const status = new Function("routine", "return %GetOptimizationStatus(routine)");
const turbofanned = 1 << (Number.parseInt(process.versions.v8, 10) < 12 ? 6 : 5);
const isOptimized = (routine) => (status(routine) & turbofanned) !== 0;

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");
const entries = new Map(Array.from({ length: 20_000 }, (_, index) => [`entry ${index}`, { square: index * index }]));
const text = Array.from({ length: 500 }, (_, index) => `line ${index} äöü €uro 漢字 🚚`).join("\n");

/** Whole numbers, doubles and typed arrays, so that the compiled code uses general and vector registers. */
function calculate(rounds) {
  const samples = new Float64Array(256);
  let whole = 1;
  for (let round = 0; round < rounds; round++) {
    whole = (Math.imul(whole, 1664525) + 1013904223) | 0;
    samples[round & 255] = samples[(round + 1) & 255] * 0.5 + Math.sqrt(whole >>> 8) + Math.fround(Math.floor(whole / 3));
  }
  return samples.reduce((sum, sample) => sum + sample, whole);
}
while (!isOptimized(calculate)) calculate(10_000);

/** (module (func (export "mix") (param f64 f64) (result f64) local.get 0 local.get 1 f64.mul f64.sqrt)) */
const wasm = "0061736d0100000001070160027c7c017c03020100070701036d697800000a0a01080020002001a29f0b";
const { mix } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(wasm, "hex"))).exports;

/** What is calculated anew: the same before and after the move, whatever the CPU. */
const results = async () => ({
  calculated: calculate(10_000),
  entries: [...entries].reduce((sum, [name, { square }]) => sum + name.length * square, 0),
  text: sha256(new TextDecoder().decode(Buffer.from(text)), Buffer.from(text, "utf16le"), new TextEncoder().encode(text)),
  base64: Buffer.from(Buffer.from(text).toString("base64"), "base64").toString() === text && atob(btoa("plain text ".repeat(99))),
  latin1: Buffer.from("æøå and ascii ".repeat(500), "latin1").toString("latin1").length,
  json: sha256(JSON.stringify(JSON.parse(JSON.stringify([...entries.values()].slice(0, 500))))),
  zipped: gunzipSync(gzipSync(text)).toString() === text,
  matched: text.match(/line (\d+)5 .*?€(\w+)/g).length,
  mixed: mix(3, 12),
  file: sha256(await fs.readFile("/etc/passwd")),
});

const state = { started: Date.now(), kept: [], ticks: 0, turns: 0, promises: 0 };
setInterval(() => state.ticks++, 50);
(function turn() {
  state.turns++;
  setTimeout(() => setImmediate(turn), 40);
})();
(async () => {
  for (; ; state.promises++) await new Promise((resolve) => setTimeout(resolve, 50));
})();

const shared = new Int32Array(new SharedArrayBuffer(4));
new Worker("const { workerData: shared } = require('worker_threads'); setInterval(() => Atomics.add(shared, 0, 1), 50)", {
  eval: true,
  workerData: shared,
});

createServer(async ({ url }, response) => {
  const [, number] = /^\/keep\/(\d+)$/.exec(url) ?? [];
  if (number !== undefined) state.kept.push(Number(number));
  const optimized = isOptimized(calculate);
  const uptime = Math.floor(process.uptime() * 1000);
  const more = url === "/all" ? { results: await results() } : {};
  response.end(JSON.stringify({ ...state, ...more, worker: shared[0], uptime, optimized }));
}).listen(8080);
