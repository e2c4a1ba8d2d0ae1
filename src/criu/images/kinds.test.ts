import assert from "node:assert/strict";
import test from "node:test";
import { imageKindOf, imageKinds } from "./kinds.ts";

const names: Readonly<Record<string, string | undefined>> = {
  "inventory.img": "inventory",
  "core-17.img": "core",
  "pagemap-1.img": "pagemap",
  "pagemap-shmem-18446744073709551615.img": "pagemap-shmem",
  "ghost-file-1f.img": "ghost-file",
  "tcp-stream-a01b.img": "tcp-stream",
  "fifo.img": "fifo",
  "fifo-data.img": "fifo-data",
  "ipcns-msg-11.img": "ipcns-msg",
  "eventpoll-tfd.img": "eventpoll-tfd",
  "signal-p-3.img": "signal",
  "stats-dump": "stats",
  "pages-1.img": undefined,
  "netns-10.img": "netns",
  "netns-ct-10.img": undefined,
  "iptables-10.img": undefined,
  "tmpfs-dev-55.tar.gz.img": undefined,
  "descriptors.json": undefined,
  "core-1.img.bak": undefined,
  parent: undefined,
};

for (const [name, kind] of Object.entries(names)) {
  test(`${name} is ${kind ?? "no image of messages"}`, () => {
    assert.equal(imageKindOf(name), kind);
  });
}

test("only the two kinds of pagemap share a magic", () => {
  const byMagic = Map.groupBy(Object.entries(imageKinds), ([, { magic }]) => magic);
  const shared = [...byMagic.values()].filter((kinds) => kinds.length > 1).map((kinds) => kinds.map(([name]) => name));
  assert.deepEqual(shared, [["pagemap", "pagemap-shmem"]]);
});
