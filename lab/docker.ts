import { spawn } from "node:child_process";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { MigrationError } from "../src/errors.ts";
import { progress, run, succeeds } from "./command.ts";
import { withLock } from "./lock.ts";
import { cacheFolder, runFolder } from "./paths.ts";

/** Debian's own client: another one earlier in PATH may be too new for Debian's daemon. */
export const dockerProgram = "/usr/bin/docker";
const daemonProgram = "/usr/sbin/dockerd";
const socket = "/var/run/docker.sock";
const startTimeoutMs = 60_000;

/**
 * Makes sure that this machine's own Docker daemon answers on /var/run/docker.sock,
 * starting it when it doesn't. It is left running.
 * @throws MigrationError `setup-failed`
 */
export async function ensureLocalDocker(): Promise<void> {
  if (await answers()) return;
  await mkdir(runFolder, { recursive: true });
  await withLock(join(cacheFolder, "docker.lock"), async () => {
    if (await answers()) return;
    await ensureControlGroups();
    await removeStalePidFiles();
    const logFile = join(runFolder, "dockerd.log");
    progress(`starting ${daemonProgram} (log: ${logFile})…`);
    await using log = await open(logFile, "w");
    const daemon = spawn(daemonProgram, [], { detached: true, stdio: ["ignore", log.fd, log.fd] });
    let ended = "";
    daemon.on("error", (error) => {
      ended = error.message;
    });
    daemon.on("exit", (code) => {
      ended ||= `it ended with exit status ${code}`;
    });
    daemon.unref();
    const deadline = Date.now() + startTimeoutMs;
    while (!(await answers())) {
      if (ended === "" && Date.now() < deadline) {
        await setTimeout(300);
        continue;
      }
      const said = (await readFile(logFile, "utf8")).trimEnd().split("\n").slice(-3).join("\n");
      throw new MigrationError("setup-failed", `Docker did not start: ${ended || "no answer within 60 s"}. ${said}`, {
        host: "local",
        remedy: `Start the Docker daemon of this machine yourself, or see ${logFile}.`,
      });
    }
  });
}

/**
 * A daemon that was killed leaves its pid file, and so does its containerd. dockerd won't start while a process of that id
 * lives, whatever it is by now (moby, pkg/pidfile).
 */
async function removeStalePidFiles(): Promise<void> {
  const files = { "/var/run/docker.pid": "dockerd", "/var/run/docker/containerd/containerd.pid": "containerd" };
  for (const [file, program] of Object.entries(files)) {
    const pid = (await readFile(file, "utf8").catch(() => "")).trim();
    if (pid === "") continue;
    const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
    if (name !== program) await rm(file, { force: true });
  }
}

function answers(): Promise<boolean> {
  return succeeds(dockerProgram, ["--host", `unix://${socket}`, "version"]);
}

/** A machine without systemd may have no control groups mounted, and dockerd won't start without. */
export async function ensureControlGroups(): Promise<void> {
  const mounts = await readFile("/proc/self/mounts", "utf8");
  if (/ \/sys\/fs\/cgroup\S* cgroup2? /.test(mounts)) return;
  await run("mount", ["-t", "cgroup2", "cgroup2", "/sys/fs/cgroup"]);
}
