import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { isServed } from "./is-served.ts";

/** An SSH server on this machine's loopback, with keys of its own. */
export interface TestSshd extends AsyncDisposable {
  /** `ssh://user@127.0.0.1:port` */
  readonly target: string;
  readonly port: number;
  /** An ssh_config with the client's key and the server's host key. It also knows the server as `test-machine`. */
  readonly configFile: string;
  /** Writes another ssh_config: the lines come before the usual ones, so they win. */
  configure(lines: readonly string[]): Promise<string>;
  /** The client's private key. */
  readonly identityFile: string;
  /** The file with the host key, as `known_hosts` wants it. */
  readonly knownHosts: string;
  /** Ends the server and all its connections at once. */
  stop(): Promise<void>;
}

/** A TCP port of the loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  await once(server.close(), "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Makes a key pair without a passphrase. */
export async function makeKey(file: string): Promise<void> {
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file]);
}

/**
 * Starts Debian's sshd.
 * @param user who logs in. Default: the current user
 * @param environment of all that is run there. Default: nothing of its own
 */
export async function startSshd(
  user = userInfo().username,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestSshd> {
  const directory = await mkdtemp(join(tmpdir(), "sshd-"));
  const port = await freePort();
  const file = (name: string) => join(directory, name);
  // bash reads ~/.bashrc of who logs in (bash(1), INVOCATION): this machine's may do anything, and has waited for a lock of pyenv's for a minute.
  const settings = Object.entries({ HOME: file("home"), ...environment }).map(([key, value]) => `${key}=${value}`);
  await makeKey(file("host-key"));
  await makeKey(file("client-key"));
  await writeFile(file("authorized-keys"), await readFile(file("client-key.pub")));
  // sshd reads the keys with the rights of who logs in.
  await chmod(directory, 0o755);
  await mkdir(file("home"));
  await writeFile(file("known-hosts"), `[127.0.0.1]:${port} ${await readFile(file("host-key.pub"), "utf8")}`);
  await writeFile(
    file("sshd-config"),
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${file("host-key")}`,
      `AuthorizedKeysFile ${file("authorized-keys")}`,
      `PidFile ${file("pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin prohibit-password",
      // Only the first such line counts.
      `SetEnv ${settings.join(" ")}`,
      "",
    ].join("\n"),
  );
  // sshd's privilege separation wants this directory, which systemd makes when it starts the service.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const child = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", file("sshd-config")], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let words = "";
  child.stderr.on("data", (chunk) => {
    words += chunk;
  });
  const ended = once(child, "exit");

  const configure = async (lines: readonly string[]) => {
    const path = file(`config-${crypto.randomUUID()}`);
    const usual = [
      "Host test-machine",
      "  HostName 127.0.0.1",
      `  Port ${port}`,
      `  User ${user}`,
      "Host *",
      `  IdentityFile ${file("client-key")}`,
      "  IdentitiesOnly yes",
      "  IdentityAgent none",
      `  UserKnownHostsFile ${file("known-hosts")}`,
      "  GlobalKnownHostsFile /dev/null",
      "  StrictHostKeyChecking yes",
      "",
    ];
    await writeFile(path, [...lines, ...usual].join("\n"));
    await chmod(path, 0o600);
    return path;
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    // sshd's processes for open connections are in sessions of their own, and outlive their parent.
    for (const pid of [child.pid, ...(await descendants(child.pid))]) killIfThere(pid);
    await ended;
  };

  for (let attempt = 0; !(await isServed({ address: "127.0.0.1", port })); attempt++) {
    if (child.exitCode !== null || attempt > 100) throw new Error(`sshd did not start: ${words}`);
    await delay(50);
  }
  return {
    target: `ssh://${user}@127.0.0.1:${port}`,
    port,
    configFile: await configure([]),
    configure,
    identityFile: file("client-key"),
    knownHosts: file("known-hosts"),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function descendants(pid: number): Promise<number[]> {
  const { stdout } = await execa("pgrep", ["--parent", String(pid)], { reject: false });
  const children = stdout.split("\n").filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
