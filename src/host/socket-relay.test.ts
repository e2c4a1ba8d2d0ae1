import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { openLocalHost } from "./local.ts";
import { relaySocket } from "./socket-relay.ts";

test("relay: what the other side has said last arrives, although it reads no more", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "relay-"));
  context.after(() => rm(folder, { recursive: true }));
  const local = openLocalHost();
  const host = new Proxy(local, {
    get: (target, key) =>
      key === "stream"
        ? (_: unknown, options: Parameters<typeof local.stream>[1]) => target.stream(["echo", "answer"], options)
        : Reflect.get(target, key),
  });
  const end = await relaySocket(host, join(folder, "here"), "/nowhere");
  for (let connection = 0; connection < 100; connection++) {
    const client = connect(join(folder, "here"));
    client.write("question");
    assert.equal(await text(client), "answer\n");
  }
  await end();
});
