import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { criuForTests } from "../../criu/testing/criu.ts";

/** A podman with a store of its own, and with an image of busybox. */
export interface PodmanStore extends AsyncDisposable {
  readonly folder: string;
  /** What makes any podman use the store. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs podman. @returns what it prints */
  readonly podman: (...command: string[]) => Promise<string>;
}

export const podmanImage = "localhost/counter:1";

/** @param driver of the storage */
export async function openPodmanStore(driver: "vfs" | "overlay" = "vfs"): Promise<PodmanStore> {
  const { binDirectory } = await criuForTests();
  // Podman mounts file systems in it, which would appear in containers of other tests that have the folder for temporary files mounted.
  const folder = await mkdtemp("/var/tmp/podman-");
  // Without limits of its own it asks for more open files than a container may have here.
  const configuration = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
`;
  await writeFile(join(folder, "containers.conf"), configuration);
  const storage = { driver, graphroot: join(folder, "store"), runroot: join(folder, "run") };
  const lines = Object.entries(storage).map(([key, value]) => `${key} = "${value}"`);
  await writeFile(join(folder, "storage.conf"), ["[storage]", ...lines, ""].join("\n"));
  const environment = {
    CONTAINERS_CONF: join(folder, "containers.conf"),
    CONTAINERS_STORAGE_CONF: join(folder, "storage.conf"),
  };
  const env = { ...environment, PATH: `${binDirectory}${delimiter}${process.env.PATH}` };
  const podman = async (...command: string[]) => (await execa("podman", command, { env })).stdout.trim();
  const root = join(folder, "rootfs");
  for (const name of ["bin", "dev", "etc", "proc", "sys", "tmp", "srv"]) await mkdir(join(root, name), { recursive: true });
  await cp("/bin/busybox", join(root, "bin/busybox"));
  for (const name of ["sh", "sleep", "rm", "ln", "cat", "ls", "stat"]) await symlink("busybox", join(root, "bin", name));
  await writeFile(join(root, "etc/unneeded"), "x");
  await execa("chmod", ["1777", join(root, "tmp")]);
  await execa("chown", ["7:8", join(root, "srv")]);
  await execa("tar", ["--create", "--file", join(folder, "rootfs.tar"), "--directory", root, "."]);
  await podman("import", join(folder, "rootfs.tar"), podmanImage);
  return {
    folder,
    environment,
    podman,
    async [Symbol.asyncDispose]() {
      await podman("rm", "--all", "--force", "--time", "0");
      await podman("volume", "prune", "--force");
      await podman("rmi", "--all", "--force");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
