import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, afterEach, before, test } from "node:test";
import Docker from "dockerode";
import { execa } from "execa";
import { freePorts } from "../lab/free-ports.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import type { Host } from "../src/host/host.ts";
import { openHost } from "../src/host/open.ts";
import { quoteWord } from "../src/host/quote.ts";
import { testHost } from "../src/host/testing/host-behaviour.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { ownAdbServer } from "./support/adb-server.ts";
import { on } from "./support/machine.ts";

let server: Awaited<ReturnType<typeof ownAdbServer>>;
let machine: LabMachine;
let shared: Host;
before(async () => {
  server = await ownAdbServer();
  machine = await ensureX86Machine();
  shared = await openHost(machine.adb);
});
after(async () => {
  await shared.close();
  await server[Symbol.asyncDispose]();
});

// The lab's machine has a /tmp of its own, and this computer's /var/tmp. ADB's streams have no half that could be closed.
testHost("adb", async () => shared, { shared: "/var/tmp", sameNetwork: false, halfClosed: false });

test("adb: a TCP port of the device is reached", async () => {
  const server = shared.stream(["busybox", "nc", "-l", "-p", "5999"], { input: "hello" }).resume();
  await eventually(
    "an answer",
    async () => {
      // The ADB server takes a connection before it knows whether somebody listens there, and ends its half if nobody does.
      const socket = await shared.connectTcp("127.0.0.1", 5999);
      const [said = ""] = await Promise.race([once(socket, "data"), once(socket, "end").then(() => [])]);
      socket.destroy();
      return String(said) === "hello";
    },
    30_000,
  );
  server.destroy();
});

/** Another adbd on the machine, with the rights that a phone's has. It and its commands find the programs before all others in PATH. */
async function startAdbd(port: number, programs: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = `/run/adbd-${port}`;
  const files = Object.entries(programs).map(([name, text]) => `printf %s ${quoteWord(text)} >$f/${name}; chmod 755 $f/${name}`);
  const lines = [
    `f=${folder}; mkdir -p $f; cp /usr/bin/setpriv $f/as-root; chmod 4755 $f/as-root`,
    ...files,
    `sed "s|PATH=|PATH=$f:|" /run/adbd/start >$f/start`,
    `setsid setpriv --reuid 2000 --regid 2000 --clear-groups sh $f/start ${port} </dev/null >$f/log 2>&1 & echo $! >$f/pid`,
    `until grep -q 'adbd started' $f/log; do sleep 0.1; done`,
  ];
  await on(machine, lines.join("\n"));
  return `adb:${machine.address}:${port}`;
}

const started = [5601, 5602, 5603, 5604, 5605];
afterEach(async () => {
  for (const port of started) {
    await on(machine, `[ ! -e /run/adbd-${port}/pid ] || kill -9 $(cat /run/adbd-${port}/pid); rm -rf /run/adbd-${port}; true`);
  }
  for (const port of started) await execa("adb", ["disconnect", `${machine.address}:${port}`], { reject: false });
});

test("adb: Docker's socket is reached through the ADB server, and closing takes the forward away", async () => {
  const host = await openHost(machine.adb);
  const docker = new Docker({ socketPath: await host.unixSocket("/var/run/docker.sock") });
  assert.equal((await docker.info()).Name, await on(machine, "hostname"));
  assert.match((await execa("adb", ["forward", "--list"])).stdout, /docker\.sock/);
  await host.close();
  assert.doesNotMatch((await execa("adb", ["forward", "--list"])).stdout, /docker\.sock/);
});

test("adb: a command that a signal ended has status 128 + signal", async () => {
  assert.equal((await shared.run(["sh", "-c", "kill -9 $$"])).exitCode, 137);
});

test("adb: a connection that is lost while a command runs is not taken for the command's end", async () => {
  const host = await openHost(await startAdbd(5601));
  const running = host.run(["sh", "-c", "echo begun; exec sleep 60"]);
  running.catch(() => {});
  await host.run(["true"]);
  await on(machine, "kill -9 $(cat /run/adbd-5601/pid)");
  await assert.rejects(running, { code: "target-unreachable", host: host.name });
  await assert.rejects(host.run(["true"]), { code: "target-unreachable" });
  await host.close();
});

test("adb: after a break the host connects anew, and its sockets stay valid", async () => {
  const host = await openHost(await startAdbd(5601));
  await chmodSocket("666");
  const docker = new Docker({ socketPath: await host.unixSocket("/var/run/docker.sock") });
  assert.ok((await docker.info()).Name);
  await on(machine, "kill -9 $(cat /run/adbd-5601/pid)");
  await assert.rejects(host.run(["true"]), { code: "target-unreachable" });
  await assert.rejects(host.reconnect(), { code: "target-unreachable" });
  await startAdbd(5601);
  await host.reconnect();
  assert.equal(await host.must(["echo", "hello"]), "hello\n");
  assert.equal((await docker.info()).Name, await on(machine, "hostname"));
  await host.close();
  await chmodSocket("660");
});

async function chmodSocket(mode: string): Promise<void> {
  await on(machine, `chmod ${mode} /var/run/docker.sock`);
}

test("adb: a network device that comes back is connected anew", async () => {
  const target = await startAdbd(5602);
  await (await openHost(target)).close();
  await on(machine, "kill -9 $(cat /run/adbd-5602/pid)");
  await startAdbd(5602);
  await using host = await openHost(target);
  assert.equal(await host.must(["echo", "hello"]), "hello\n");
});

test("adb: without root, commands run as adbd's own user", async () => {
  await using host = await openHost(await startAdbd(5603));
  assert.equal((await host.must(["id", "-u"])).trim(), "2000");
  assert.match(host.withoutRoot?.remedy ?? "", /`su` for the shell/);
});

// Stand-ins for the two kinds of su. A script can't be set-uid, a copy of setpriv can.
const magiskSu = `#!/bin/sh
[ "$1" = -c ] || { echo "su: unknown id: $1" >&2; exit 1; }
exec "\${0%/*}/as-root" --reuid 0 --regid 0 --clear-groups sh -c "$2"
`;
const aospSu = `#!/bin/sh
case $1 in *[!0-9]* | '') echo "su: invalid uid/gid '$1'" >&2; exit 1 ;; esac
shift
exec "\${0%/*}/as-root" --reuid 0 --regid 0 --clear-groups "$@"
`;

for (const [kind, su, port] of [
  ["Magisk's", magiskSu, 5604],
  ["AOSP's", aospSu, 5605],
] as const) {
  test(`adb: ${kind} su is found, and every command goes through it`, async () => {
    await using host = await openHost(await startAdbd(port, { su }));
    assert.equal((await host.must(["id", "-u"])).trim(), "0");
    assert.equal(host.withoutRoot, undefined);
    const words = ["it's", '"$HOME"', "a\nb", "", "\\'"];
    assert.equal(
      await host.script('printf "%s/" "$@" "$WORD"', words, { environment: { WORD: "x 'y'" } }),
      `${[...words, "x 'y'"].join("/")}/`,
    );
    assert.deepEqual(await host.run(["sh", "-c", "cat; echo err >&2; exit 9"], { input: "in" }), {
      exitCode: 9,
      stdout: "in",
      stderr: "err\n",
    });
    const signal = AbortSignal.timeout(1500);
    await assert.rejects(host.run(["sleep", `31${port}`], { signal }), { code: "cancelled" });
    assert.equal((await host.run(["pgrep", "-fx", `sleep 31${port}`])).stdout, "");
  });
}

test("adb: a su that refuses is as good as none", async () => {
  await using host = await openHost(await startAdbd(5603, { su: "#!/bin/sh\necho Permission denied >&2; exit 1\n" }));
  assert.equal((await host.must(["id", "-u"])).trim(), "2000");
});

test("adb: where the build allows `adb root`, it is tried; Debian's adbd then says no", async () => {
  await using host = await openHost(await startAdbd(5603, { getprop: "#!/bin/sh\necho 1\n" }));
  assert.equal((await host.must(["id", "-u"])).trim(), "2000");
});

test("adb: Docker's socket is reached with su's rights", async () => {
  await using host = await openHost(await startAdbd(5604, { su: magiskSu }));
  const docker = new Docker({ socketPath: await host.unixSocket("/var/run/docker.sock") });
  assert.equal((await docker.info()).Name, await on(machine, "hostname"));
});

test("adb: nobody listens on the port", async () => {
  const [port] = await freePorts(1);
  await assert.rejects(openHost(`adb:127.0.0.1:${port}`), unreachable("not-connected"));
});

test("adb: a serial that no device has; what is there is named", async () => {
  await assert.rejects(openHost("adb:0123456789ABCDEF"), unreachable("no-device"));
});

test("adb: without a serial it is ANDROID_SERIAL's, or the only device", async (context) => {
  const serial = machine.adb.slice("adb:".length);
  await using only = await openHost("adb:");
  assert.equal(only.name, machine.adb);
  await (await openHost(await startAdbd(5601))).close();
  await assert.rejects(openHost("adb:"), unreachable("several-devices"));
  process.env.ANDROID_SERIAL = serial;
  context.after(() => delete process.env.ANDROID_SERIAL);
  await using named = await openHost("adb:");
  assert.equal(named.name, machine.adb);
});

test("adb: a server that does not talk as one", async (context) => {
  const listener = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  process.env.ADB_SERVER_SOCKET = `tcp:127.0.0.1:${(listener.address() as { port: number }).port}`;
  context.after(() => {
    delete process.env.ADB_SERVER_SOCKET;
    listener.close();
  });
  await assert.rejects(openHost(machine.adb), unreachable("no-server"));
});

test("adb: this machine has no `adb`", async () => {
  const { PATH } = process.env;
  process.env.PATH = "/nowhere";
  try {
    await assert.rejects(openHost(machine.adb), { code: "command-not-found", host: "local", remedy: /apt install adb/ });
  } finally {
    process.env.PATH = PATH;
  }
});

function unreachable(reason: string) {
  return (error: Record<string, unknown>) => {
    assert.equal(error.code, "target-unreachable");
    assert.equal((error.details as Record<string, unknown>).reason, reason, String(error.message));
    assert.ok(String(error.remedy).length > 20);
    return true;
  };
}
