import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import type { Host } from "../../host/host.ts";
import { openLocalHost } from "../../host/local.ts";
import type { DockerEngine } from "../docker/engine.ts";
import type { EngineName } from "../engine-name.ts";
import { claimBundles } from "./bundle-claims.ts";
import { registerRuntime, releaseRuntimes } from "./register.ts";
import { runtimeNames, targetPaths, wrapperScript } from "./wrapper.ts";

/** A daemon with a view of the file system in which /etc and /var are empty: it reads its configuration when it gets SIGHUP. */
class FakeDaemon implements AsyncDisposable {
  readonly #child: ReturnType<typeof spawn>;
  readonly #folder: string;
  /** The runtimes of the containers that it has. */
  containers: string[] = [];

  private constructor(child: ReturnType<typeof spawn>, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  static async start(): Promise<FakeDaemon> {
    const folder = await mkdtemp(join(tmpdir(), "daemon-"));
    const script = `mount -t tmpfs tmpfs /etc; mount -t tmpfs tmpfs /var; mkdir /var/run; echo $$ >/var/run/docker.pid
      trap 'if [ -e /etc/docker/daemon.json ]; then cp /etc/docker/daemon.json "$1/loaded"; else echo {} >"$1/loaded"; fi' HUP
      echo {} >"$1/loaded"; echo ready; while :; do sleep 0.05; done`;
    const child = spawn("unshare", ["--mount", "sh", "-eu", "-c", script, "sh", folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout!, "data");
    return new FakeDaemon(child, folder);
  }

  get engine(): DockerEngine {
    return this.engineCalled("docker");
  }

  engineCalled(name: EngineName): DockerEngine {
    return {
      name,
      host: this.#host(),
      info: async () => ({ runtimes: await this.#runtimes() }),
      list: async () => this.containers.map((_, index) => ({ Id: String(index) })),
      inspect: async (id: string) => ({ HostConfig: { Runtime: this.containers[Number(id)] } }),
    } as unknown as DockerEngine;
  }

  /** Runs a command where the daemon is. */
  async run(...command: readonly string[]): Promise<string> {
    return await this.#host().must(command);
  }

  async configuration(): Promise<unknown> {
    return JSON.parse(await this.run("cat", "/etc/docker/daemon.json"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #runtimes(): Promise<ReadonlyMap<string, string>> {
    const { runtimes = {} } = JSON.parse((await readFile(join(this.#folder, "loaded"), "utf8")) || "{}") as {
      runtimes?: Record<string, { path: string }>;
    };
    return new Map(Object.entries(runtimes).map(([name, { path }]) => [name, path]));
  }

  #host(): Host {
    const host = openLocalHost();
    const inside = ["nsenter", "--target", String(this.#child.pid), "--mount"];
    return Object.assign(Object.create(host) as Host, {
      script: (text: string, parameters: readonly string[] = [], options = {}) =>
        host.must([...inside, "sh", "-eu", "-c", text, "sh", ...parameters], options),
      must: (command: readonly string[]) => host.must([...inside, ...command]),
    });
  }
}

const ours = { [runtimeNames.resume]: { path: targetPaths.runtime } };

test("register: the daemon knows the runtime afterwards, and nothing else of its configuration has changed", async () => {
  await using daemon = await FakeDaemon.start();
  const before = { "log-level": "warn", runtimes: { other: { path: "/usr/bin/other", runtimeArgs: ["--x"] } } };
  await daemon.run("sh", "-c", `mkdir /etc/docker; echo '${JSON.stringify(before)}' >/etc/docker/daemon.json`);
  assert.equal(await registerRuntime(daemon.engine, { kind: "resume", runtime: "/usr/sbin/runc", claim: "one" }), true);
  assert.deepEqual(await daemon.configuration(), { ...before, runtimes: { ...before.runtimes, ...ours } });
  assert.equal(await daemon.run("cat", targetPaths.runtime), wrapperScript("/usr/sbin/runc"));
  assert.equal(await daemon.run("stat", "-c", "%a", targetPaths.root, targetPaths.runtime), "700\n755\n");

  await daemon.run("touch", "--date=@1000000000", "/etc/docker/daemon.json");
  assert.equal(await registerRuntime(daemon.engine, { kind: "resume", runtime: "/usr/bin/crun", claim: "one" }), false);
  assert.equal(await daemon.run("stat", "-c", "%Y", "/etc/docker/daemon.json"), "1000000000\n");
  assert.equal(await daemon.run("cat", targetPaths.runtime), wrapperScript("/usr/bin/crun"));

  daemon.containers = ["runc", runtimeNames.resume];
  await releaseRuntimes(daemon.engine, "one");
  assert.deepEqual(await daemon.configuration(), { ...before, runtimes: { ...before.runtimes, ...ours } });
  daemon.containers = ["runc"];
  await releaseRuntimes(daemon.engine, "one");
  assert.deepEqual(await daemon.configuration(), before);
});

test("register: where there was no configuration there is none afterwards", async () => {
  await using daemon = await FakeDaemon.start();
  assert.equal(await registerRuntime(daemon.engine, { kind: "resume", runtime: "/usr/sbin/runc", claim: "one" }), true);
  assert.deepEqual(await daemon.configuration(), { runtimes: ours });
  await releaseRuntimes(daemon.engine, "one");
  assert.equal(await daemon.run("find", "/etc/docker", "/var/lib", "-type", "f"), "");
  assert.equal((await daemon.engine.info()).runtimes.size, 0);
});

test("register: for Podman only the program is there, and Docker's configuration is left alone", async () => {
  await using daemon = await FakeDaemon.start();
  await daemon.run("sh", "-c", "mkdir /etc/docker; echo '{,}' >/etc/docker/daemon.json");
  const podman = daemon.engineCalled("podman");
  await registerRuntime(podman, { kind: "resume", runtime: "/usr/bin/crun", claim: "one" });
  assert.equal(await daemon.run("cat", targetPaths.runtime), wrapperScript("/usr/bin/crun"));
  // Podman names a container's runtime by its path.
  daemon.containers = [targetPaths.runtime];
  await releaseRuntimes(podman, "one");
  assert.equal(await daemon.run("find", "/var/lib", "-name", "runtime"), `${targetPaths.runtime}\n`);
  daemon.containers = [];
  await releaseRuntimes(podman, "one");
  assert.equal(await daemon.run("find", "/var/lib", "-type", "f"), "");
  assert.equal(await daemon.run("cat", "/etc/docker/daemon.json"), "{,}\n");
});

test("register: for a runtime of bundles nothing is registered, and none of another's runtimes is taken out", async () => {
  await using daemon = await FakeDaemon.start();
  const runc = daemon.engineCalled("runc");
  const claim = { name: "runc", runtime: "/usr/sbin/runc", withinClocks: false } as const;
  await claimBundles(runc.host, { ...claim, claim: "one" });
  assert.equal(await daemon.run("find", "/var/lib", "-type", "f"), `${targetPaths.root}/claims/one\n`);
  await registerRuntime(daemon.engine, { kind: "resume", runtime: "/usr/sbin/runc", claim: "two" });
  await releaseRuntimes(runc, "one");
  assert.equal(await daemon.run("cat", targetPaths.runtime), wrapperScript("/usr/sbin/runc"));
  await releaseRuntimes(daemon.engine, "two");
  await claimBundles(runc.host, { ...claim, claim: "three", withinClocks: true });
  await releaseRuntimes(runc, "three");
  assert.equal(await daemon.run("find", "/var/lib", "-mindepth", "1"), "");
});

test("register: what a moved bundle's container is called by stays", async () => {
  await using daemon = await FakeDaemon.start();
  const runc = daemon.engineCalled("runc");
  const claim = { name: "runc", runtime: "/usr/sbin/runc", withinClocks: true } as const;
  await claimBundles(runc.host, { ...claim, claim: "one" });
  await releaseRuntimes(runc, "one", { keep: true });
  await claimBundles(runc.host, { ...claim, claim: "two" });
  await releaseRuntimes(runc, "two");
  assert.equal(
    await daemon.run("cat", `${targetPaths.root}/runc`),
    wrapperScript("/usr/sbin/runc", { ...targetPaths, makers: undefined }),
  );
});

test("register: a configuration that is not JSON is left alone", async () => {
  await using daemon = await FakeDaemon.start();
  await daemon.run("sh", "-c", "mkdir /etc/docker; echo '{,}' >/etc/docker/daemon.json");
  await assert.rejects(registerRuntime(daemon.engine, { kind: "resume", runtime: "/usr/sbin/runc", claim: "one" }), {
    code: "setup-failed",
    host: "local",
    message: /daemon\.json is not JSON/,
    remedy: /dockerd --validate/,
  });
  assert.equal(await daemon.run("cat", "/etc/docker/daemon.json"), "{,}\n");
});

test("register: a daemon that is not found", async () => {
  await using daemon = await FakeDaemon.start();
  // A pid that no process has: above the kernel's highest.
  await daemon.run("sh", "-c", "echo 99999999 >/var/run/docker.pid");
  await assert.rejects(registerRuntime(daemon.engine, { kind: "resume", runtime: "/usr/sbin/runc", claim: "one" }), {
    code: "setup-failed",
    remedy: /Restart Docker/,
  });
});

test("register: the last who gives it back takes it out; who needs it keeps it", async () => {
  await using daemon = await FakeDaemon.start();
  await registerRuntime(daemon.engine, { kind: "resume", runtime: "/usr/sbin/runc", claim: "one" });
  await registerRuntime(daemon.engine, { kind: "resume", runtime: "/usr/sbin/runc", claim: "two" });
  await releaseRuntimes(daemon.engine, "one");
  assert.deepEqual(await daemon.configuration(), { runtimes: ours });
  await releaseRuntimes(daemon.engine, "two");
  assert.equal(await daemon.run("find", "/etc/docker", "/var/lib", "-type", "f"), "");
  await releaseRuntimes(daemon.engine, "two");

  await registerRuntime(daemon.engine, { kind: "resume", runtime: "/usr/sbin/runc", claim: "three" });
  await releaseRuntimes(daemon.engine, "three", { keep: true });
  await registerRuntime(daemon.engine, { kind: "restore", runtime: "/usr/sbin/runc", claim: "other" });
  await releaseRuntimes(daemon.engine, "other");
  assert.deepEqual(await daemon.configuration(), { runtimes: ours });
  await registerRuntime(daemon.engine, { kind: "resume", runtime: "/usr/sbin/runc", claim: "four" });
  await releaseRuntimes(daemon.engine, "four");
  assert.deepEqual(await daemon.configuration(), { runtimes: ours });
});
