import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { execa } from "execa";
import type { Host } from "./host.ts";
import { openLocalHost } from "./local.ts";
import { openHost } from "./open.ts";
import { findSshRights } from "./ssh-root.ts";
import { testHost } from "./testing/host-behaviour.ts";
import { startSshd, type TestSshd } from "./testing/sshd.ts";
import { openTcpLink } from "./testing/tcp-link.ts";
import { makeUser, type TestUser } from "./testing/user.ts";

const all = "ALL=(ALL:ALL) NOPASSWD: ALL";

let user: TestUser;
let sshd: TestSshd;
let shared: Host;
before(async () => {
  user = await makeUser();
  await user.allow([all]);
  sshd = await startSshd(user.name);
  shared = await openHost(sshd.target, { configFile: sshd.configFile });
});
after(async () => {
  await shared.close();
  await sshd[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

testHost("ssh with sudo", async () => shared);

test("ssh with sudo: commands run as root, with root's home", async (context) => {
  await user.allow([all], ["Defaults env_keep += HOME"]);
  context.after(() => user.allow([all]));
  assert.equal(shared.withoutRoot, undefined);
  assert.equal(await shared.script('echo "$(id -u) $HOME"'), `0 ${userInfo().homedir}\n`);
});

test("ssh with sudo: sudo's warnings are not the command's words", async (context) => {
  await user.allow([all], ["Defaults no_such_setting"]);
  context.after(() => user.allow([all]));
  assert.match((await execa("ssh", ["-F", sshd.configFile, "test-machine", "sudo -n true"])).stderr, /no_such_setting/);
  assert.deepEqual(await shared.run(["sh", "-c", "echo own >&2; exit 3"]), { exitCode: 3, stdout: "", stderr: "own\n" });
});

test("ssh with sudo: a socket that the login user can't open is reached by a command of root, another by the connection", async (context) => {
  const folder = await temporaryFolder(context);
  for (const [mode, relayed] of [
    [0o600, true],
    [0o666, false],
  ] as const) {
    const path = join(folder, String(mode));
    const server = createServer((socket) => socket.pipe(socket)).listen(path);
    await once(server, "listening");
    await chmod(path, mode);
    const client = connect(await shared.unixSocket(path)).setEncoding("utf8");
    client.write("word");
    assert.deepEqual(await once(client, "data"), ["word"]);
    const { exitCode } = await execa("pgrep", ["--full", `^sudo .* ${path}$`], { reject: false });
    assert.equal(exitCode === 0, relayed);
    client.destroy();
    server.close();
  }
});

test("ssh with sudo: after a break the host connects anew, and its sockets stay valid", async (context) => {
  const folder = await temporaryFolder(context);
  await using link = await openTcpLink({ address: "127.0.0.1", port: sshd.port });
  const lines = ["Host cut", "  HostName 127.0.0.1", `  Port ${link.port}`, `  HostKeyAlias [127.0.0.1]:${sshd.port}`];
  await using host = await openHost(`ssh://${user.name}@cut`, { configFile: await sshd.configure(lines) });
  const paths = [join(folder, "root's"), join(folder, "everybody's")];
  const servers = paths.map((path) => createServer((socket) => socket.end("there")).listen(path));
  context.after(() => {
    for (const server of servers) server.close();
  });
  await Promise.all(servers.map((server) => once(server, "listening")));
  await chmod(paths[1]!, 0o666);
  const answers = async () => {
    for (const path of paths) assert.deepEqual(await once(connect(await host.unixSocket(path)), "data"), [Buffer.from("there")]);
  };
  await answers();
  await link.cut();
  await assert.rejects(host.run(["true"]), { code: "target-unreachable" });
  await link.mend();
  await host.reconnect();
  assert.equal(await host.must(["id", "-u"]), "0\n");
  await answers();
});

test("ssh with sudo: by way of a jump host of the SSH configuration", async () => {
  await using gate = await startSshd();
  const configFile = await gate.configure([
    "Host board",
    "  HostName 127.0.0.1",
    `  Port ${sshd.port}`,
    `  User ${user.name}`,
    "  ProxyJump test-machine",
    `  IdentityFile ${sshd.identityFile}`,
    `  UserKnownHostsFile ${sshd.knownHosts}`,
  ]);
  await using host = await openHost("board", { configFile });
  assert.equal(await host.must(["id", "-u"]), "0\n");
  assert.equal(await host.must(["cat"], { input: "through" }), "through");
  await gate.stop();
  await assert.rejects(host.run(["true"]), { code: "target-unreachable" });
});

for (const [what, privileges, settings, why, remedy] of [
  ["a user that sudo does not know", [], [], /^sudo: a password is required$/, /`USER ALL=\(ALL:ALL\) NOPASSWD: ALL` into/],
  ["a user that sudo asks for a password", ["ALL=(ALL:ALL) ALL"], [], /password/, /`USER ALL=\(ALL:ALL\) NOPASSWD: ALL` into/],
  ["a user that may run one program only", ["ALL=(ALL:ALL) NOPASSWD: /bin/true"], [], /^sudo: /, /NOPASSWD: ALL` into/],
  [
    "a sudo that wants a terminal",
    [all],
    ["requiretty"],
    /must have a tty/,
    /NOPASSWD: ALL` and `Defaults:USER !requiretty` into/,
  ],
] as const) {
  test(`ssh without root: ${what}`, async () => {
    await using other = await makeUser();
    await other.allow(
      privileges,
      settings.map((setting) => `Defaults:${other.name} ${setting}`),
    );
    await using server = await startSshd(other.name);
    await using host = await openHost(server.target, { configFile: server.configFile });
    assert.match(host.withoutRoot?.why ?? "", why);
    assert.match((host.withoutRoot?.remedy ?? "").replaceAll(other.name, "USER"), remedy);
    assert.match(host.withoutRoot?.remedy ?? "", /ssh:\/\/root@/);
    assert.equal(await host.must(["id", "-un"]), `${other.name}\n`);
  });
}

test("ssh without root: what the remedy says gives it", async () => {
  await using other = await makeUser();
  await using server = await startSshd(other.name);
  await using before = await openHost(server.target, { configFile: server.configFile });
  const line = /`(\S+ ALL=[^`]*)`/.exec(before.withoutRoot?.remedy ?? "")?.[1] ?? "";
  await other.allow([], [line]);
  await using host = await openHost(server.target, { configFile: server.configFile });
  assert.equal(await host.must(["id", "-u"]), "0\n");
  await other.allow([]);
  await assert.rejects(host.run(["mount"]), {
    code: "command-failed",
    host: server.target,
    message: "`mount` could not be run as root: sudo: a password is required",
    remedy: /NOPASSWD/,
  });
});

test("ssh without root: no sudo is installed, and the user's name is none of sudoers(5)'s", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "id"), '#!/bin/sh\ncase $1 in -u) echo 1000;; *) echo "DOMAIN\\\\some one";; esac\n', {
    mode: 0o755,
  });
  const local = openLocalHost();
  const login = new Proxy(local, {
    get: (target, key) =>
      key === "run"
        ? ([, ...rest]: string[]) => target.run(["/bin/sh", ...rest], { environment: { PATH: folder } })
        : Reflect.get(target, key),
  });
  const rights = await findSshRights(login, undefined);
  assert.ok(rights.way === "plain");
  assert.equal(rights.withoutRoot?.why, "sudo is not installed there");
  assert.match(rights.withoutRoot?.remedy ?? "", /install sudo, and put `#1000 ALL=/);
});

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sudo-"));
  await chmod(folder, 0o755);
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}
