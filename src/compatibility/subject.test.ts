import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { criuForTests } from "../criu/testing/criu.ts";
import { DockerEngine } from "../engine/docker/engine.ts";
import { openSandbox, type Sandbox } from "../engine/docker/testing/sandbox.ts";
import { openHost } from "../host/open.ts";
import { startSshd } from "../host/testing/sshd.ts";
import { makeUser } from "../host/testing/user.ts";
import { examine } from "./examine.ts";
import { readSubject, type Subject } from "./subject.ts";

let sandbox: Sandbox;
before(async () => {
  sandbox = await openSandbox();
});
after(() => sandbox?.[Symbol.asyncDispose]());

/** Reads a container as soon as it is ready: when it has written `ready`. */
async function readWhenReady(id: string): Promise<Subject> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await sandbox.engine.logs(id)).includes("ready")) return readSubject(sandbox.engine, id);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`container ${id} did not become ready: ${await sandbox.engine.logs(id)}`);
}

test("subject: an ordinary container", async () => {
  const id = await sandbox.run(["sh", "-c", "echo ready; echo data >/tmp/file; exec busybox nc -ll -p 8080 -e cat"]);
  const subject = await readWhenReady(id);
  const [first, ...others] = subject.live?.processes ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(
    [first?.pid, first?.containerPid, first?.name, first?.executable, first?.elf, first?.threads, first?.workingDirectory],
    [subject.container.State.Pid, 1, "busybox", "/bin/busybox", { bits: 64, machine: 62 }, 1, "/"],
  );
  assert.deepEqual(
    first?.descriptors.slice(0, 3).map(({ number, kind }) => [number, kind]),
    [
      [0, "character-device"],
      [1, "pipe"],
      [2, "pipe"],
    ],
  );
  assert.ok((first?.memoryBytes ?? 0) > 4096 && (first?.memoryBytes ?? 0) < 50 * 2 ** 20);
  assert.ok((first?.namespaces.size ?? 0) >= 8);
  const listening = subject.live?.sockets
    .filter(({ state }) => state === "listening")
    .map(({ kind, local, pid }) => [kind, local?.port, pid]);
  assert.deepEqual(listening, [["tcp", 8080, first?.pid]]);
  assert.deepEqual(subject.live?.memoryFiles, []);
  assert.ok((subject.writableBytes ?? 0) > 0);
  assert.equal(subject.image.Id, sandbox.imageId);
  assert.match(subject.bootId, /^[0-9a-f-]{36}$/);
  const rules = examine(subject, undefined).findings.map(({ rule }) => rule);
  assert.deepEqual(
    rules.filter((rule) => !rule.startsWith("source.")),
    ["restore.architecture", "replatform.image"],
  );
});

test("subject: a CRIU that is asked for is the one that is told, and is an error when it can't be used", async () => {
  const { program } = await criuForTests();
  const id = await sandbox.run(["sleep", "1000"]);
  assert.equal((await readSubject(sandbox.engine, id, { criuBinary: program })).criu?.program, program);
  const missing = { code: "criu-missing", message: /^\/nowhere\/criu is no/, remedy: /criu_binary/ };
  await assert.rejects(readSubject(sandbox.engine, id, { criuBinary: "/nowhere/criu" }), missing);
});

test("subject: what can't be carried is found", async () => {
  const commands = [
    "busybox mkfifo /tmp/fifo; exec 3<>/tmp/fifo",
    "echo gone >/tmp/gone; exec 4</tmp/gone; rm /tmp/gone",
    "echo x >/dev/shm/pool; mkdir /dev/shm/folder",
    "busybox syslogd",
    "sleep 1000 & echo ready; wait",
  ];
  const id = await sandbox.run(["sh", "-c", commands.join("; ")]);
  const session = await sandbox.engine.client.getContainer(id).exec({ Cmd: ["sleep", "1001"] });
  await session.start({ Detach: true });
  const subject = await readWhenReady(id);
  const { findings, verdicts } = examine(subject, undefined);
  const seen = (rule: string) => findings.find((finding) => finding.rule === rule)?.seen ?? "";
  const memoryFiles = subject.live?.memoryFiles ?? [];
  for (const path of ["/dev/shm/pool", "/dev/shm/folder", "/dev/log"]) assert.ok(memoryFiles.includes(path));
  const rules = new Set(findings.map(({ rule }) => rule).filter((rule) => !/^(source|restore|replatform)\./.test(rule)));
  assert.deepEqual(rules, new Set(["process.exec-session"])); // named pipes, deleted files and files in memory are carried
  assert.match(seen("process.exec-session"), /sleep \(\d+\)$/);
  assert.equal(subject.live?.processes.filter(({ execSession }) => execSession).length, 1);
  assert.equal(verdicts.resume, "blocked");
});

/** Every Debian has perl, whose `syscall` reaches what no shell does. Numbers: the kernel's arch/x86/entry/syscalls/syscall_64.tbl. */
const zoo = String.raw`
use Socket;
my $room = "\0" x 256; my $context = "\0" x 8;
syscall(222, 1, 0, $room) == 0 or die "timer_create $!";
syscall(135, 0xa0000) >= 0 or die "personality $!";
syscall(206, 8, $context) == 0 or die "io_setup $!";
syscall(294, 0) >= 0 or die "inotify_init1 $!";
open(my $namespace, "<", "/proc/self/ns/uts") or die "namespace $!";
socket(my $netlink, 16, SOCK_RAW, 0); bind($netlink, pack("SSLL", 16, 0, 0, 0)) or die "netlink $!";
socketpair(my $one, my $other, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die "socketpair $!";
socket(my $server, AF_INET, SOCK_STREAM, 0); bind($server, sockaddr_in(0, inet_aton("127.0.0.1"))); listen($server, 1);
socket(my $client, AF_INET, SOCK_STREAM, 0); connect($client, getsockname($server)) or die "connect $!";
socket(my $unbound, AF_INET, SOCK_STREAM, 0);
$| = 1; print "ready\n"; sleep 1000;
`;

test("subject: what only system calls make", async () => {
  const id = await sandbox.run(["sh", "-c", 'exec busybox chroot /host /usr/bin/perl -e "$1"', "sh", zoo], {
    HostConfig: { Binds: ["/:/host:ro"], SecurityOpt: ["seccomp=unconfined"] },
  });
  const { findings } = examine(await readWhenReady(id), undefined);
  const seen = (rule: string) =>
    findings
      .filter((finding) => finding.rule === rule)
      .map((finding) => finding.seen)
      .join("; ");
  assert.match(seen("process.settings"), /personality 0xa0000/);
  assert.match(seen("memory.asynchronous-io"), /Linux AIO/);
  assert.match(seen("descriptor.namespace"), /: uts:\[/);
  assert.match(seen("descriptor.file-watch"), /inotify/);
  assert.equal(seen("socket.connection"), ""); // both ends of the connection are in the container
  assert.match(seen("socket.unlisted"), /^sockets of an unknown kind: descriptor \d+ of perl \(1\)$/);
  assert.equal(seen("container.binds"), "bind mounts that can't be copied: / at /host");
});

test("subject: a UNIX socket that leads out of the container", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "outside-peer-"));
  const server = createServer().listen(join(folder, "socket"));
  await once(server, "listening");
  const held: Socket[] = [];
  server.on("connection", (socket) => held.push(socket));
  context.after(async () => {
    for (const socket of held) socket.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
  const program = String.raw`
    socket(my $s, 1, 1, 0); connect($s, pack("S", 1) . "/outside/socket\0") or die "connect $!";
    socketpair(my $one, my $other, 1, 1, 0) or die "socketpair $!";
    $| = 1; print "ready\n"; sleep 1000;`;
  const id = await sandbox.run(
    ["sh", "-c", 'exec busybox chroot /host /usr/bin/perl -e "$1"', "sh", program.replaceAll("/outside", folder)],
    {
      HostConfig: { Binds: ["/:/host"], SecurityOpt: ["seccomp=unconfined"] },
    },
  );
  const report = examine(await readWhenReady(id), undefined, { expected: { target: "x86_64" } });
  const [found, ...more] = report.findings.filter(({ rule }) => rule === "socket.outside-peer");
  assert.deepEqual(more, []);
  assert.match(found?.seen ?? "", /^UNIX sockets connected to outside: descriptor \d+ of perl \(1\)$/);
  assert.deepEqual(found?.blocks, ["resume", "restore"]);
});

test("subject: a terminal, and a process that is stopped", async () => {
  const id = await sandbox.run(["sh", "-c", "echo ready; kill -STOP $$; :"], { Tty: true });
  // The first process of a container can't be stopped by itself.
  const other = await sandbox.run(["sh", "-c", "sleep 1000 & kill -STOP $!; sleep 0.2; echo ready; wait"]);
  const rules = examine(await readWhenReady(id).catch(() => readSubject(sandbox.engine, id)), undefined).findings.map(
    ({ rule }) => rule,
  );
  assert.ok(rules.includes("container.terminal"));
  // busybox executes itself for an applet, and is called `exe` until it knows which.
  const stopped = examine(await readWhenReady(other), undefined).findings.find(({ rule }) => rule === "process.state");
  assert.match(stopped?.seen ?? "", /^(sleep|sh|busybox|exe) \(\d+\) is stopped/);
});

test("subject: a stopped container", async () => {
  const id = await sandbox.run(["true"]);
  await sandbox.engine.client.getContainer(id).wait();
  const subject = await readSubject(sandbox.engine, id);
  assert.equal(subject.live, undefined);
  assert.ok(examine(subject, undefined).findings.some(({ rule }) => rule === "container.running"));
});

test("subject: a container that is not there", async () => {
  await assert.rejects(readSubject(sandbox.engine, "no-such-container"), { code: "container-not-found" });
});

test("subject: a user of another machine without root's rights is told how to get them", async () => {
  const id = await sandbox.run(["sleep", "1000"]);
  await using user = await makeUser(["docker"]);
  await using sshd = await startSshd(user.name);
  await using host = await openHost(sshd.target, { configFile: sshd.configFile });
  const { findings, verdicts } = examine(await readSubject(await DockerEngine.open(host), id), undefined);
  const root = findings.find(({ rule }) => rule === "source.root");
  assert.equal(root?.host, sshd.target);
  assert.ok(root?.remedy?.includes(`\`${user.name} ALL=(ALL:ALL) NOPASSWD: ALL\``), String(root?.remedy));
  assert.equal(verdicts.resume, "blocked");
});
