import assert from "node:assert/strict";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { execa } from "execa";
import type { DockerEngine } from "./engine.ts";
import { addLayer } from "./testing/busybox-image.ts";
import { openSandbox, type Sandbox } from "./testing/sandbox.ts";
import { packUpper, unpackUpper, upperDirectory } from "./upper.ts";

let sandbox: Sandbox;
let engine: DockerEngine;
before(async () => {
  sandbox = await openSandbox();
  engine = sandbox.engine;
});
after(() => sandbox?.[Symbol.asyncDispose]());

// Deleted files, an opaque directory (made anew), hard links, owners, holes, special modes, names and times.
const changes = `
rm /base/gone; rm -r /base/old; mkdir /base/old; echo new >/base/old/new
echo linked >/tmp/one; ln /tmp/one /tmp/two; ln -s /nowhere /tmp/dangling
echo owned >/tmp/owned; chown 1234:5678 /tmp/owned; busybox chmod 4711 /tmp/owned
dd if=/dev/zero of=/tmp/sparse bs=1 count=1 seek=50000000 2>/dev/null
busybox mkfifo /tmp/fifo; mkdir "/tmp/a b
c"; echo ü >"/tmp/a b
c/ü"
busybox touch -d '2001-02-03 04:05:06' /tmp/owned
busybox chmod 1777 /tmp; echo x >/done; sleep 1000`;

async function fileAppears(id: string, path: string): Promise<void> {
  for (let attempt = 0; (await engine.exec(id, ["cat", path])).exitCode !== 0; attempt++) assert.ok(attempt < 50, path);
}

/** Everything about the files that a program in the container can see. */
const report = `cd /; busybox find base tmp -exec busybox stat -c '%n %F %a %u:%g %s %h %Y' {} + | busybox grep -v '^[^ ]* directory.*' | busybox sort
busybox find base tmp -type d | busybox sort; busybox find base tmp -type f -exec busybox md5sum {} + | busybox sort; busybox readlink /tmp/dangling; busybox du -k /tmp/sparse`;

test("upper: the writable layer arrives whole in a new container", async () => {
  const name = sandbox.image.replace(":test", "-base");
  sandbox.cleanImage(`${name}:test`);
  await addLayer(
    engine,
    sandbox.image,
    name,
    "mkdir -p /base/old; echo 1 >/base/gone; echo 2 >/base/kept; echo 3 >/base/old/hidden",
  );
  const options = { Image: `${name}:test` };
  const source = await sandbox.run(["sh", "-c", changes], options);
  await fileAppears(source, "/done");
  const expected = await engine.exec(source, ["sh", "-c", report]);
  assert.equal(expected.exitCode, 0, expected.stderr);
  assert.doesNotMatch(expected.stdout, /gone|hidden/);
  await engine.freeze(source);

  const target = await engine.createLike(await engine.inspect(source), {
    name: sandbox.name(),
    image: `${name}:test`,
    config: { Cmd: ["sleep", "1000"] },
  });
  await unpackUpper(
    engine.host,
    await upperDirectory(engine, target),
    packUpper(engine.host, await upperDirectory(engine, source)),
  );
  await engine.start(target);
  const found = await engine.exec(target, ["sh", "-c", report]);
  assert.equal(found.stdout, expected.stdout);
  assert.match(found.stdout, /owned regular file 4711 1234:5678/);
  assert.match(found.stdout, /^\d{1,3}\t\/tmp\/sparse$/m);
});

test("upper: attributes of overlayfs and of programs are kept, stale file handles are not", async () => {
  const id = await sandbox.run(["sh", "-c", "rm -r /var; mkdir /var; echo x >/tmp/x; echo y >>/bin/busybox; sleep 1000"]);
  await fileAppears(id, "/tmp/x");
  const file = join(await upperDirectory(engine, id), "tmp/x");
  const accessList = "0200000001000600ffffffff02000600e803000004000400ffffffff10000600ffffffff20000000ffffffff";
  const setList = "import os, sys; os.setxattr(sys.argv[1], 'system.posix_acl_access', bytes.fromhex(sys.argv[2]))";
  await execa("python3", ["-c", setList, file, accessList]);
  const listing = await text(
    engine.host.stream(["tar", "--list", "--verbose", "--xattrs", "--xattrs-include=*"], {
      input: packUpper(engine.host, await upperDirectory(engine, id)),
    }),
  );
  assert.match(listing, /\.\/var\//);
  const raw = await text(packUpper(engine.host, await upperDirectory(engine, id)));
  assert.ok(raw.includes("SCHILY.xattr.trusted.overlay.opaque=y"));
  // By numbers, not by the names of users, who may be others on the target.
  assert.ok(raw.includes("SCHILY.xattr.system.posix_acl_access=") && !raw.includes("SCHILY.acl."));
  for (const stale of ["trusted.overlay.origin", "trusted.overlay.uuid"]) assert.ok(!raw.includes(stale), stale);
});

test("upper: an archive that breaks off is an error", async () => {
  const id = await sandbox.run(["sh", "-c", "dd if=/dev/urandom of=/tmp/file bs=1000 count=1000; echo x >/tmp/done; sleep 1000"]);
  await fileAppears(id, "/tmp/done");
  const source = await upperDirectory(engine, id);
  const target = await engine.createLike(await engine.inspect(id), { name: sandbox.name(), image: sandbox.image });
  const directory = await upperDirectory(engine, target);
  const bytes = await packUpper(engine.host, source).toArray();
  const half = Buffer.concat(bytes).subarray(0, 500_000);
  await assert.rejects(unpackUpper(engine.host, directory, Readable.from([half])), { code: "command-failed", host: "local" });
  await assert.rejects(text(packUpper(engine.host, "/no/such/directory")), {
    code: "command-failed",
    message: /no\/such\/directory/,
  });
});

test("upper: another storage driver is refused with the remedy", async () => {
  const fake = { host: engine.host, inspect: async () => ({ GraphDriver: { Name: "btrfs", Data: null } }) };
  await assert.rejects(upperDirectory(fake as unknown as DockerEngine, "x"), {
    code: "incompatible",
    message: /btrfs/,
    remedy: /overlay2/,
  });
});
