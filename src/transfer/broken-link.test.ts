import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { describeFiles } from "../checkpoint/manifest.ts";
import type { Host } from "../host/host.ts";
import { openHost } from "../host/open.ts";
import { startSshd, type TestSshd } from "../host/testing/sshd.ts";
import { openTcpLink, type TcpLink } from "../host/testing/tcp-link.ts";
import { formatBytes } from "../text/bytes.ts";
import { codecs } from "./codec.ts";
import { sendFiles } from "./send-files.ts";

const MiB = 1 << 20;
const size = 300 * MiB;
let folder: string;
let source: string;
let sshd: TestSshd;
let link: TcpLink;
let host: Host;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "broken-link-"));
  source = join(folder, "package");
  await mkdir(source);
  // Half of each MiB is noise: what memory is like, and no two pieces are the same.
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  const half = Buffer.alloc(MiB / 2);
  const content = Buffer.alloc(size);
  for (let offset = 0; offset < size; offset += MiB) content.set(noise.update(half), offset);
  await writeFile(join(source, "pages-1.img"), content);
  await writeFile(join(source, "core-1.img"), "core");
  sshd = await startSshd();
  link = await openTcpLink({ address: "127.0.0.1", port: sshd.port });
  const configFile = await sshd.configure([
    "Host cut",
    "  HostName 127.0.0.1",
    `  Port ${link.port}`,
    `  HostKeyAlias [127.0.0.1]:${sshd.port}`,
  ]);
  host = await openHost("ssh://cut", { configFile });
});
after(async () => {
  await host.close();
  await link[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const files = [
  { name: "core-1.img", size: 4 },
  { name: "pages-1.img", size },
];

test("send: a link that breaks at any of ten places costs at most 5 % more, and all arrives as it was", async (context) => {
  const directory = join(folder, "arrived");
  const socket = await host.unixSocket("/nowhere");
  const expected = await describeFiles(source);
  const whole = await sendFiles(source, files, { host, directory }, { codec: codecs.zstd, patienceMs: 0 });
  assert.ok(whole > size / 2 && whole < size * 0.51, String(whole));
  for (let place = size / 20; place < size; place += size / 10) {
    await rm(directory, { recursive: true });
    let isCut = false;
    let lost = 0;
    const sent = await sendFiles(
      source,
      files,
      { host, directory },
      {
        codec: codecs.zstd,
        patienceMs: 60_000,
        onBytes(done) {
          if (isCut || done < place) return;
          isCut = true;
          void link.cut().then(link.mend);
        },
        onLink: (state) => void (state === "lost" && lost++),
      },
    );
    assert.equal(lost, 1);
    assert.deepEqual(await describeFiles(directory), expected);
    assert.ok(sent <= whole * 1.05, `${sent} bytes sent, ${whole} without a break`);
    context.diagnostic(`cut after ${formatBytes(place)}: ${((sent / whole - 1) * 100).toFixed(2)} % more`);
  }
  assert.equal(await host.unixSocket("/nowhere"), socket);
});

test("send: a machine that stays away is given up, with what to do", { timeout: 60_000 }, async () => {
  const sending = sendFiles(
    source,
    files,
    { host, directory: join(folder, "away") },
    {
      patienceMs: 1500,
      onBytes: (done) => void (done > 10 * MiB && link.cut()),
    },
  );
  await assert.rejects(sending, {
    code: "target-unreachable",
    host: "ssh://cut",
    message: /stayed away for 2 s/,
    remedy: /--reconnect/,
  });
  await link.mend();
  await host.reconnect();
  assert.equal(await host.must(["echo", "back"]), "back\n");
});
