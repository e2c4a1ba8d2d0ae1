import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import type { Host } from "../host.ts";

// Every character that some shell treats specially, and what is hard to pass at all.
const nastyWords = [
  "",
  " ",
  "a b",
  "it's",
  `"`,
  "$HOME",
  "`id`",
  "$(id)",
  "\\",
  "\\'",
  "a\nb",
  "\n",
  "*",
  "~",
  "!!",
  "#",
  "; exit 9",
  "&",
  "|",
  "-n",
  "--",
  "a=b",
  "ü€😀",
  "\t",
  "%s",
  "{a,b}",
];

export interface HostTestOptions {
  /** A folder that both this machine and the host see. Default: the one for temporary files. */
  readonly shared?: string;
  /** Whether a TCP server of this machine is one of the host. Default: true. */
  readonly sameNetwork?: boolean;
  /** Whether a client of a socket may close its half before it has read the answer. Default: true. */
  readonly halfClosed?: boolean;
}

/**
 * The tests that every kind of host must pass, whatever carries its commands.
 */
export function testHost(
  kind: string,
  open: (context: TestContext) => Promise<Host>,
  { shared = tmpdir(), sameNetwork = true, halfClosed = true }: HostTestOptions = {},
): void {
  test(`${kind}: a TCP port is reached, and what is said comes back`, { skip: !sameNetwork }, async (context) => {
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    context.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const host = await open(context);
    for (const said of ["once", "again"]) {
      const socket = await host.connectTcp("127.0.0.1", port);
      socket.write(said);
      const [heard] = await once(socket, "data");
      assert.equal(String(heard), said);
      socket.destroy();
    }
  });

  test(`${kind}: a command's exit status and both streams come back as they are`, async (context) => {
    const host = await open(context);
    assert.deepEqual(await host.run(["sh", "-c", "printf out; printf err >&2; exit 7"]), {
      exitCode: 7,
      stdout: "out",
      stderr: "err",
    });
    assert.equal((await host.run(["sh", "-c", "exit 255"])).exitCode, 255);
    assert.equal((await host.run(["sh", "-c", "exit 127"])).exitCode, 127);
  });

  test(`${kind}: arguments arrive unchanged`, async (context) => {
    const host = await open(context);
    const output = await host.must(["printf", "%s\\0", ...nastyWords]);
    assert.deepEqual(output.split("\0").slice(0, -1), nastyWords);
    assert.equal(await host.script('printf "%s/" "$@"', nastyWords), nastyWords.map((word) => `${word}/`).join(""));
  });

  test(`${kind}: environment variables arrive unchanged`, async (context) => {
    const host = await open(context);
    assert.equal(await host.must(["sh", "-c", 'printf %s "$WORD"'], { environment: { WORD: "it's $HOME\n" } }), "it's $HOME\n");
  });

  test(`${kind}: a script stops at its first failing command`, async (context) => {
    const host = await open(context);
    await assert.rejects(host.script("false; echo went on"), { code: "command-failed", host: host.name });
    await assert.rejects(host.script('echo "$unset_variable"'), { code: "command-failed" });
  });

  test(`${kind}: a failing command's error quotes its standard error`, async (context) => {
    const host = await open(context);
    await assert.rejects(host.must(["sh", "-c", "echo disk on fire >&2; exit 3"]), {
      code: "command-failed",
      host: host.name,
      message: /status 3: disk on fire/,
    });
  });

  test(`${kind}: a program that does not exist is told from one that fails`, async (context) => {
    const host = await open(context);
    await assert.rejects(host.run(["no-such-program-anywhere", "x"]), {
      code: "command-not-found",
      message: /no-such-program-anywhere/,
    });
  });

  test(`${kind}: 20 MB of bytes pass through standard input and output unchanged`, async (context) => {
    const host = await open(context);
    const bytes = randomBytes(20_000_000);
    const sum = createHash("sha256").update(bytes).digest("hex");
    assert.equal((await host.must(["sha256sum"], { input: inPieces(bytes) })).split(" ")[0], sum);
    assert.equal((await host.must(["sha256sum"], { input: bytes })).split(" ")[0], sum);
    const hash = createHash("sha256");
    for await (const chunk of host.stream(["cat"], { input: inPieces(bytes) })) hash.update(chunk);
    assert.equal(hash.digest("hex"), sum);
  });

  test(`${kind}: a command that ignores its input ends normally`, async (context) => {
    const host = await open(context);
    assert.equal((await host.run(["true"], { input: inPieces(Buffer.alloc(5_000_000)) })).exitCode, 0);
  });

  test(`${kind}: a broken input is an error although the command ends with status 0`, async (context) => {
    const host = await open(context);
    const broken = Readable.from(
      (async function* () {
        yield "beginning";
        throw new Error("source broke");
      })(),
    );
    await assert.rejects(host.run(["cat"], { input: broken }), { code: "command-failed", message: /source broke/ });
  });

  test(`${kind}: a stream fails with the command's own words`, async (context) => {
    const host = await open(context);
    await assert.rejects(text(host.stream(["sh", "-c", "echo some; echo broken pipe dream >&2; exit 4"])), {
      code: "command-failed",
      message: /status 4: broken pipe dream/,
    });
    await assert.rejects(text(host.stream(["no-such-program-anywhere"])), { code: "command-not-found" });
  });

  test(`${kind}: a cancelled command is ended on the machine, with its children`, async (context) => {
    const host = await open(context);
    const seconds = uniqueSeconds();
    const controller = new AbortController();
    const running = host.script(`sleep ${seconds} & sleep ${seconds}`, [], { signal: controller.signal });
    await until(async () => (await sleepers(host, seconds)) === 2);
    controller.abort();
    await assert.rejects(running, { code: "cancelled", host: host.name });
    assert.equal(await sleepers(host, seconds), 0);
    await assert.rejects(host.run(["true"], { signal: controller.signal }), { code: "cancelled" });
  });

  test(`${kind}: a stream that nobody reads to its end ends its command`, async (context) => {
    const host = await open(context);
    const seconds = uniqueSeconds();
    for await (const chunk of host.stream(["sh", "-c", `echo first; sleep ${seconds}`])) {
      assert.equal(String(chunk), "first\n");
      break;
    }
    await until(async () => (await sleepers(host, seconds)) === 0);
  });

  test(`${kind}: a command that takes too long is ended`, async (context) => {
    const host = await open(context);
    const seconds = uniqueSeconds();
    await assert.rejects(host.run(["sleep", seconds], { timeoutMs: 300 }), { code: "command-failed", message: /300 ms/ });
    assert.equal(await sleepers(host, seconds), 0);
  });

  test(`${kind}: a unix socket of the machine is reached`, async (context) => {
    const host = await open(context);
    const directory = await mkdtemp(join(shared, "echo-"));
    const server = createServer((socket) => socket.pipe(socket));
    await once(server.listen(join(directory, "echo")), "listening");
    try {
      const path = await host.unixSocket(join(directory, "echo"));
      assert.equal(await host.unixSocket(join(directory, "echo")), path);
      const bytes = randomBytes(1_000_000);
      const client = connect(path);
      if (halfClosed) client.end(bytes);
      else client.write(bytes);
      const answer: Buffer[] = [];
      for await (const chunk of client as AsyncIterable<Buffer>) {
        answer.push(chunk);
        if (!halfClosed && Buffer.concat(answer).length === bytes.length) break;
      }
      assert.ok(Buffer.concat(answer).equals(bytes));
    } finally {
      server.close();
      await rm(directory, { recursive: true });
    }
  });
}

function inPieces(bytes: Buffer): Readable {
  return Readable.from(
    (function* () {
      for (let offset = 0; offset < bytes.length; offset += 100_000) yield bytes.subarray(offset, offset + 100_000);
    })(),
  );
}

/** A number of seconds that no other process sleeps. */
function uniqueSeconds(): string {
  return String(100_000 + Math.floor(Math.random() * 800_000));
}

async function sleepers(host: Host, seconds: string): Promise<number> {
  const { stdout } = await host.run(["pgrep", "-fx", `sleep ${seconds}`]);
  return stdout.split("\n").filter((line) => line !== "").length;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("it did not come about within 5 s");
}
