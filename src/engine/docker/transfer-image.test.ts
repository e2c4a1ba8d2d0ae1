import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { after, before, test } from "node:test";
import { chainIds, presentChainIds } from "./chain-ids.ts";
import { addLayer, makeBusyboxImage } from "./testing/busybox-image.ts";
import { type PrivateDockerd, startPrivateDockerd } from "./testing/private-dockerd.ts";
import { openSandbox, type Sandbox } from "./testing/sandbox.ts";
import { transferImage } from "./transfer-image.ts";

let sandbox: Sandbox;
let second: PrivateDockerd;
before(async () => {
  sandbox = await openSandbox();
  second = await startPrivateDockerd();
});
after(async () => {
  await sandbox?.[Symbol.asyncDispose]();
  await second?.[Symbol.asyncDispose]();
});

test("image: the first transfer sends all, the next ones only what is missing", async () => {
  const { engine: source, image, imageId } = sandbox;
  const target = second.engine;
  const reported: number[] = [];
  const first = await transferImage(source, image, target, { onProgress: (bytes) => reported.push(bytes) });
  assert.equal(first.layersSent, 1);
  assert.equal(first.layersPresent, 0);
  assert.ok(first.bytesSent > 1_000_000);
  assert.equal(reported.at(-1), first.bytesSent);
  assert.equal((await target.inspectImage(image)).Id, imageId);

  assert.deepEqual(await transferImage(source, imageId, target), { bytesSent: 0, layersSent: 0, layersPresent: 1 });

  const name = image.replace(":test", "-more");
  sandbox.cleanImage(`${name}:test`);
  await addLayer(source, image, name, "echo one >/one");
  const id = await addLayer(source, `${name}:test`, name, "echo two >/two; rm /etc/unique");
  const second_ = await transferImage(source, id, target);
  assert.deepEqual([second_.layersSent, second_.layersPresent], [2, 1]);
  assert.ok(second_.bytesSent < 50_000, `${second_.bytesSent} bytes`);
  assert.equal((await target.inspectImage(`${name}:test`)).Id, id);

  const container = await target.client.createContainer({
    Image: id,
    Cmd: ["sh", "-c", "cat /one /two; ls /etc"],
    HostConfig: { NetworkMode: "none" },
  });
  await container.start();
  await container.wait();
  assert.match(await target.logs(container.id), /^one\ntwo\n/);
  assert.doesNotMatch(await target.logs(container.id), /unique/);
  await container.remove();
});

test("image: a name that means another image on the target keeps its meaning", async () => {
  const { engine: source } = sandbox;
  const target = second.engine;
  const name = sandbox.image.replace(":test", "-taken");
  sandbox.cleanImage(`${name}:test`);
  const id = await makeBusyboxImage(source, name, { "etc/here": "source" });
  const other = await makeBusyboxImage(target, name, { "etc/here": "target" });
  await transferImage(source, id, target);
  assert.equal((await target.inspectImage(`${name}:test`)).Id, other);
  assert.deepEqual((await target.inspectImage(id)).RepoTags, []);
});

test("image: a cancelled transfer leaves nothing", async () => {
  const { engine: source } = sandbox;
  const name = sandbox.image.replace(":test", "-cancelled");
  sandbox.cleanImage(`${name}:test`);
  const id = await makeBusyboxImage(source, name, { "etc/large": Buffer.alloc(20_000_000, "x") });
  const controller = new AbortController();
  const options = { onProgress: (bytes: number) => bytes > 5_000_000 && controller.abort(), signal: controller.signal };
  await assert.rejects(transferImage(source, id, second.engine, options), { code: "cancelled" });
  assert.equal(await second.engine.hasImage(id), false);
  assert.deepEqual(
    (await readdir(tmpdir())).filter((file) => file.startsWith("migrate-image-")),
    [],
  );
});

test("image: the ids of layers on top of each other", async () => {
  // From the example of the OCI image specification's formula: the first is the digest itself.
  const [a, b] = [`sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`];
  const chain = chainIds([a, b]);
  assert.equal(chain[0], a);
  assert.match(chain[1] ?? "", /^sha256:[0-9a-f]{64}$/);
  assert.notEqual(chain[1], chainIds([b, a])[1]);
  const { RootFS: files } = await sandbox.engine.inspectImage(sandbox.imageId);
  const present = await presentChainIds(sandbox.engine);
  assert.ok(chainIds(files.Layers ?? []).every((id) => present.has(id)));
});
