import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Host } from "../../../host/host.ts";
import { openLocalHost } from "../../../host/local.ts";
import { DockerEngine } from "../engine.ts";

/** A second Docker on this machine, with images and containers of its own. */
export interface PrivateDockerd extends AsyncDisposable {
  readonly engine: DockerEngine;
  /** Everything that its Docker has logged. */
  log(): string;
}

/** Starts a Docker without networks, whose data lie in a temporary folder. */
export async function startPrivateDockerd(): Promise<PrivateDockerd> {
  const folder = await mkdtemp(join(tmpdir(), "dockerd-"));
  const path = (name: string) => join(folder, name);
  const socket = path("docker.sock");
  await writeFile(path("daemon.json"), "{}");
  // A network namespace of its own is needed, not only polite: with `--bridge none` dockerd deletes the interface docker0 when
  // it starts, which is the other Docker's (moby, daemon/daemon_unix.go, removeDefaultBridgeInterface).
  const child = spawn(
    "unshare",
    [
      ...[
        "--net",
        "setpriv",
        "--pdeathsig",
        "TERM",
        "dockerd",
        "--host",
        `unix://${socket}`,
        "--config-file",
        path("daemon.json"),
        "--pidfile",
        path("pid"),
      ],
      ...["--data-root", path("data"), "--exec-root", path("exec"), "--storage-driver", "overlay2"],
      ...["--bridge", "none", "--iptables=false", "--ip6tables=false"],
    ],
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  const ended = once(child, "exit");
  for (let attempt = 0; ; attempt++) {
    if (child.exitCode !== null || attempt > 300) throw new Error(`dockerd did not start: ${log}`);
    try {
      await access(socket);
      break;
    } catch {
      await delay(100);
    }
  }
  return {
    engine: await DockerEngine.open(withSocket(openLocalHost(), socket)),
    log: () => log,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The host as it would be if its Docker listened on that socket. */
function withSocket(host: Host, socket: string): Host {
  return new Proxy(host, {
    get(target, key) {
      if (key === "unixSocket") return async () => socket;
      if (key === "name") return "second";
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
