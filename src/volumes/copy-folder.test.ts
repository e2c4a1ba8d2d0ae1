import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { execa } from "execa";
import { openLocalHost } from "../host/local.ts";
import { codecs } from "../transfer/codec.ts";
import type { SendEncodedOptions } from "../transfer/send-encoded.ts";
import { copyTheRest, copyWhileRunning } from "./copy-folder.ts";
import { type Folder, packPaths } from "./folder.ts";

const host = openLocalHost();
let base: string;
let from: Folder;
let to: Folder;
let sent: number;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "volumes-"));
  [from, to] = ["from", "to"].map((name) => ({ host, path: join(base, name) })) as [Folder, Folder];
  for (const { path } of [from, to]) await mkdir(path);
  sent = 0;
});

afterEach(() => rm(base, { recursive: true, force: true }));

const options: SendEncodedOptions = {
  codec: codecs.gzip,
  bytesPerSecond: undefined,
  onBytes: (bytes) => {
    sent = bytes;
  },
};

/** Runs a shell script in a folder. */
async function sh({ path }: Folder, script: string, ...parameters: readonly string[]): Promise<string> {
  return (await execa("sh", ["-euc", script, "sh", ...parameters], { cwd: path })).stdout;
}

/** Prints the extended attributes of all files below, access lists among them. */
const attributes = `
import os
for folder, folders, files in os.walk(b"."):
    for name in sorted(folders + files):
        path = os.path.join(folder, name)
        for attribute in sorted(os.listxattr(path, follow_symlinks=False)):
            print(path, attribute, os.getxattr(path, attribute, follow_symlinks=False).hex())`;
/** For user 1000 (linux/posix_acl_xattr.h): rw-, with r-- for the group. */
const accessList = "0200000001000600ffffffff02000600e803000004000400ffffffff10000600ffffffff20000000ffffffff";

/** All that is carried of a folder: content, kinds, owners, modes, times, links, holes, extended attributes. */
async function describe(folder: Folder): Promise<string> {
  return await sh(
    folder,
    `find . ! -type s -printf '%P %y %m %U:%G %T@ %l ' \\( -type f -printf '%s %n ' -exec sha256sum {} \\; -o -printf '\\n' \\) | sort
     find . -type f -links +1 -printf '%i %P\\n' | sort | awk '{if ($1 != last) print "--"; last = $1; print $2}'
     find . -type f -exec sh -c 'for file; do [ $(($(stat -c %b "$file") * 512)) -lt "$(stat -c %s "$file")" ] && echo "$file has holes"; done; true' sh {} + | sort
     python3 -c "$1"`,
    attributes,
  );
}

const everything = `
  mkdir -p a/b 'with space' empty; chmod 0711 a; chown 33:44 a/b
  printf one >a/one; ln a/one a/b/again; ln -s ../nowhere a/link; mkfifo a/pipe; chmod 0640 a/one
  mknod device c 1 3; truncate -s 5M holes; printf end >>holes
  printf x >'line
feed'; printf y >'back\\slash'; printf z >$(printf 'latin\\351')
  touch -d 2001-02-03T04:05:06.123456789 a/one empty
  python3 -c 'import os; os.setxattr("a/one", "user.mark", b"value")'
  python3 -c 'import os; os.setxattr("holes", "system.posix_acl_access", bytes.fromhex("${accessList}"))'
  python3 -c 'import os; os.setxattr("empty", "system.posix_acl_default", bytes.fromhex("${accessList}"))'
  python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
`;

test("volumes: files of every kind arrive as they are, and a second pass sends nothing", async () => {
  await sh(from, everything);
  await sh(to, "mkdir a; printf other >a/b; printf old >gone; mkdir -p old/deep");
  const first = await copyWhileRunning(from, to, options);
  assert.ok(sent > 0 && first.bytesSent === sent);
  assert.equal(await describe(to), await describe(from));
  assert.deepEqual([...first.doubtful], []);
  const settled = await copyWhileRunning(from, to, options);
  assert.equal(settled.bytesSent, 0);
});

test("volumes: users of access lists are numbers in what is sent, for a name may be another user's there", async () => {
  await sh(from, everything);
  const archive = (await buffer(packPaths(from, ["holes", "empty"], false))).toString("latin1");
  assert.ok(archive.includes("SCHILY.xattr.system.posix_acl_access=") && !archive.includes("SCHILY.acl."));
});

test("volumes: what is changed between the passes is copied by the second, however it was changed", async () => {
  await sh(
    from,
    `${everything}
     for each in content times gone kind mode owner attribute mapped linked; do printf %s $each >$each; done; ln linked linked-too; mkdir folder; printf f >folder/file`,
  );
  const mapper = spawn(
    "python3",
    [
      "-c",
      "import mmap, sys; f = open('mapped', 'r+b'); m = mmap.mmap(f.fileno(), 0); m[0:1] = b'1'; print('mapped', flush=True); input(); m[0:1] = b'2'; print('written', flush=True); input()",
    ],
    { cwd: from.path, stdio: ["pipe", "pipe", "inherit"] },
  );
  await once(mapper.stdout, "data");
  const first = await copyWhileRunning(from, to, options);
  await sh(
    from,
    `stamp=$(stat -c %y content); printf CONTENT >content; touch -d "$stamp" content
     touch -d 1999-01-01 times; rm gone; rm kind; mkdir kind; chmod 0600 mode; chown 7:8 owner
     python3 -c 'import os; os.setxattr("attribute", "user.a", b"b")'
     printf linked-more >>linked; rm -r folder; printf now-a-file >folder; printf new >new; mv a/b moved`,
  );
  mapper.stdin.write("\n");
  await once(mapper.stdout, "data");
  const second = await copyTheRest(from, to, first, options);
  mapper.kill();
  assert.equal(await describe(to), await describe(from));
  assert.ok(second.files >= 8, String(second.files));
});

test("volumes: a writer that never pauses is caught up with once it stands still", async () => {
  await sh(from, "head -c 20M /dev/urandom >big; mkdir many; for n in $(seq 500); do echo $n >many/$n; done");
  const script =
    "n=0; while :; do n=$((n + 1)); echo $n >>log; echo $n >many/$((n % 500)); rm -f many/x$((n - 5)); echo x >many/x$n; done";
  // What is as young as the first look is copied again.
  await setTimeout(2100);
  const writer = spawn("sh", ["-c", script], { cwd: from.path, stdio: "ignore" });
  try {
    const first = await copyWhileRunning(from, to, options);
    writer.kill("SIGSTOP");
    await setTimeout(200);
    const second = await copyTheRest(from, to, first, options);
    assert.equal(await describe(to), await describe(from));
    assert.ok(second.bytesSent < first.bytesSent / 4, `${second.bytesSent} after ${first.bytesSent} bytes`);
  } finally {
    writer.kill("SIGKILL");
  }
});

test("volumes: what does not become alike is an error that names it and the machine", async () => {
  await sh(from, "printf one >file");
  const first = await copyWhileRunning(from, to, options);
  await writeFile(join(to.path, "file"), "TWO");
  await sh(from, "printf more >more");
  const meddler = spawn("sh", ["-c", "while :; do date >>more 2>/dev/null; done"], { cwd: to.path, stdio: "ignore" });
  try {
    await assert.rejects(copyTheRest(from, to, first, options), { code: "package-corrupt", host: "local", message: /more/ });
  } finally {
    meddler.kill("SIGKILL");
  }
});
