import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { eventually } from "../../src/resume/testing/eventually.ts";
import type { Published } from "../support/docker.ts";
import { assertCounted, lines } from "./output.ts";
import type { Workload } from "./workload.ts";

export const pipeline: Workload = {
  title: "a shell pipeline",
  image: "redis",
  command: ["sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.2; done | while read n; do echo $n; done"],
  know: async (here) => {
    await eventually("its first lines", async () => (await lines(here)).length > 3);
    return (there) => assertCounted(here, there);
  },
};

export const family: Workload = {
  title: "a parent and its child, with sockets and memory between them",
  image: "python",
  command: ["python3", "-c", await readFile(new URL("programs/family.py", import.meta.url), "utf8")],
  know: async (here) => {
    const ready = () => lines(here).then((all) => all.find((line) => line.startsWith("ready")));
    const first = await eventually("its first line", ready);
    const [, child, session] = first.split(" ");
    return async (there) => {
      await there.docker("exec", there.container, "touch", "/tmp/go");
      await eventually("its last line", async () => (await lines(there)).length === 6);
      assert.deepEqual(await lines(there), [
        first,
        `same ${child} ${session} 0`,
        "b'stream' b'one' b'two' b'call' b'late'",
        "counts True",
        "zombie True",
        "child 9",
      ]);
    };
  },
};

export const nginx: Workload = {
  title: "nginx with its workers",
  image: "nginx",
  port: 80,
  know: async (here) => {
    const page = await fetchPage(here.published);
    assert.equal(page.split("\n")[9999 - 1], "9999");
    return async (there) => {
      for (let request = 0; request < 8; request++) assert.equal(await fetchPage(there.published), page);
      const workers = () => there.docker("top", there.container);
      const before = await workers();
      await there.docker("exec", there.container, "nginx", "-s", "reload");
      await eventually("new workers", async () => (await workers()) !== before);
      for (let request = 0; request < 4; request++) assert.equal(await fetchPage(there.published), page);
      await there.docker("stop", there.container);
      assert.equal(await there.docker("inspect", "--format", "{{.State.ExitCode}}", there.container), "0");
    };
  },
};

function fetchPage({ address, port }: Published): Promise<string> {
  return eventually("the page", async () => {
    const response = await fetch(`http://${address}:${port}/`, {
      signal: AbortSignal.timeout(10_000),
      headers: { connection: "close" },
    });
    assert.equal(response.status, 200);
    return await response.text();
  });
}
