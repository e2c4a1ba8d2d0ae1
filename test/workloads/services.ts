import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { eventually } from "../../src/resume/testing/eventually.ts";
import { assertCounted } from "./output.ts";
import { ask, service } from "./service.ts";
import type { Place } from "./workload.ts";

const program = (name: string): Promise<string> => readFile(new URL(`programs/${name}`, import.meta.url), "utf8");

const nodeService = {
  command: ["node", "-e", await program("node.cjs")],
  equal: ["started", "optimized", "results"],
  growing: ["ticks", "turns", "promises", "worker", "uptime"],
};

export const newestNode = service({
  ...nodeService,
  title: "the newest Node.js",
  image: "node",
  // CRIU can't dump a process with io_uring, which Docker's own profile forbids only since version 25.
  options: ["--security-opt", `seccomp=${fileURLToPath(new URL("without-io-uring.json", import.meta.url))}`],
});

export const debiansNode = service({
  ...nodeService,
  title: "Debian's Node.js, with the libraries of Debian",
  image: "nodejs",
});

export const pythonThreads = service({
  title: "python3 with threads",
  image: "python",
  command: ["python3", "-c", await program("threads.py")],
  equal: ["checksum", "started", "threads"],
  growing: ["ticks", "hashes", "monotonic"],
  more: async (here) => (there) => assertCounted(here, there),
});

export const pythonAsyncio = service({
  title: "python3 with asyncio",
  image: "python",
  command: ["python3", "-c", await program("asyncio-tasks.py")],
  equal: ["checksum", "started", "pending"],
  growing: ["ticks", "queued", "calls", "echoes", "monotonic"],
  more: async (here) => {
    await stayConnected(here);
    assert.equal((await ask(here.published)).reset, 0);
    return async (there) => {
      const { waited, reset } = await ask(there.published, "/release");
      assert.equal(waited, squares(100), "the tasks that waited since before the move");
      assert.equal(reset, 1, "the connection of before the move is found reset");
    };
  },
});

export const go = service({
  title: "a static Go program",
  image: "go",
  equal: ["checksum", "started", "goroutines"],
  growing: ["ticks", "passed", "locked", "blocks", "garbage", "collections", "fired", "uptime"],
  more: async () => async (there) => {
    const { released } = await ask(there.published, "/release");
    assert.equal(released, (1000 * 999) / 2, "the goroutines that waited since before the move");
  },
});

const muslService = {
  image: "musl",
  equal: ["checksum", "broken", "waited"],
  growing: ["ticks", "turns", "own", "monotonic"],
  more: async () => async (there: Place) => {
    await ask(there.published, "/release");
    const released = async () => (await ask(there.published)).waited === 42;
    await eventually("the thread that waited since before the move", released);
  },
} as const;

export const muslStatic = service({ ...muslService, title: "a static musl program", command: ["/service-static"] });

export const muslDynamic = service({
  ...muslService,
  title: "a program of musl's dynamic linker",
  command: ["/service-dynamic"],
});

const squares = (count: number): number =>
  Array.from({ length: count }, (_, number) => number ** 2).reduce((sum, each) => sum + each);

/** A client whose connection breaks with the move. */
async function stayConnected({ published }: Place): Promise<void> {
  const socket = connect(published.port, published.address);
  socket.on("error", () => {}).unref();
  socket.write("GET /stay HTTP/1.1\r\n\r\n");
  await eventually("its first answer", async () => socket.bytesRead > 0);
}
