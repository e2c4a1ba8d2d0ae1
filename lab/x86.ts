import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { progress, run, succeeds } from "./command.ts";
import { ensureControlGroups } from "./docker.ts";
import type { Lab } from "./lab.ts";
import { machineFolder } from "./machine-state.ts";
import { recipeFolder, runFolder } from "./paths.ts";
import { buildOnce, type Recipe } from "./recipe-cache.ts";

const name = "x86-lab";
/** Addresses and names that the whole host sees differ between labs, so that one doesn't end another's. */
const mark = createHash("sha256").update(runFolder).digest();
const [third = 0, fourth = 0] = mark;
const subnet = `10.213.${third}`;
const firstAddress = fourth & ~3;
const hostAddress = `${subnet}.${firstAddress + 1}`;
const address = `${subnet}.${firstAddress + 2}`;
/** This machine's end of the cable. */
export const hostDevice = `mc-${mark.toString("hex", 0, 4)}`;
/** The control group above those of its containers. */
const controlGroup = `x86-lab-${mark.toString("hex", 0, 4)}`;
const controlGroupRoot = "/sys/fs/cgroup";

const recipe: Recipe = {
  name: "x86",
  script: "build-x86.sh",
  parameters: [],
  files: ["debian.sh", "x86-start.sh", "x86-init", "x86-adbd", "x86-sshd.conf"],
};

/**
 * A second x86_64 machine, made of namespaces on this host: its own processes, network,
 * /run, /tmp and Docker; the rest of the file system is the host's.
 */
export const x86: Lab = {
  name,
  build: () => buildOnce(recipe),

  async start({ path, key }) {
    const folder = machineFolder(name);
    await mkdir(folder, { recursive: true });
    await ensureControlGroups();
    progress(`starting the second x86_64 machine (logs: ${join(folder, "data", "run")})…`);
    await run("sh", [join(recipeFolder, "x86-start.sh"), folder, path, address, hostAddress, hostDevice, controlGroup], {
      timeoutMs: 30_000,
    });
    const ports = Object.fromEntries([22, 5555, 6379, 6380, 8080, 8081].map((port) => [port, port]));
    return {
      state: { processId: Number(await readFile(join(folder, "machine.pid"), "utf8")), key, address, ports },
      access: {
        alias: name,
        address,
        port: 22,
        identityFile: join(path, "user-key"),
        knownHostsFile: join(path, "known-hosts"),
      },
    };
  },

  async clean() {
    // The kernel removes the cable with the network namespace, but in its own time.
    await succeeds("ip", ["link", "delete", hostDevice]);
    for (const folder of [".", ...(await readdir(controlGroupRoot).catch(() => []))]) {
      await removeControlGroup(join(controlGroupRoot, folder, controlGroup));
    }
    await rm(join(machineFolder(name), "data"), { recursive: true, force: true });
  },
};

/** How Debian 13's `adb` is started here: with its own libraries. The machine must be up. */
export function newerAdb(): string[] {
  const folder = join(machineFolder(name), "data/run/adbd");
  const libraries = join(folder, "usr/lib/x86_64-linux-gnu");
  const program = join(folder, "usr/lib/android-sdk/platform-tools/adb");
  return [join(folder, "usr/lib64/ld-linux-x86-64.so.2"), "--library-path", `${libraries}:${libraries}/android`, program];
}

/** Control groups go with rmdir alone, children first: their files can't be removed. */
async function removeControlGroup(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return;
  for (const entry of entries) if (entry.isDirectory()) await removeControlGroup(join(folder, entry.name));
  await rmdir(folder);
}
