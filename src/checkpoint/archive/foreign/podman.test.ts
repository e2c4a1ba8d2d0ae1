import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { criuForTests } from "../../../criu/testing/criu.ts";
import { eventually } from "../../../resume/testing/eventually.ts";
import { openArchive } from "../open-archive.ts";

/** A podman with a store of its own. */
let folder: string;
let podman: (...command: string[]) => Promise<string>;
before(async () => {
  const { binDirectory } = await criuForTests();
  folder = await mkdtemp(join(tmpdir(), "podman-"));
  // Without limits of its own it asks for more open files than a container may have here.
  const configuration = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
`;
  await writeFile(join(folder, "containers.conf"), configuration);
  const environment = {
    CONTAINERS_CONF: join(folder, "containers.conf"),
    PATH: `${binDirectory}${delimiter}${process.env.PATH}`,
  };
  const store = ["--root", join(folder, "store"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  podman = async (...command) => (await execa("podman", [...store, ...command], { env: environment })).stdout.trim();

  const root = join(folder, "rootfs");
  for (const name of ["bin", "dev", "etc", "proc", "sys", "tmp"]) await mkdir(join(root, name), { recursive: true });
  await cp("/bin/busybox", join(root, "bin/busybox"));
  for (const name of ["sh", "sleep", "rm", "ln"]) await symlink("busybox", join(root, "bin", name));
  await writeFile(join(root, "etc/unneeded"), "x");
  await execa("tar", ["--create", "--file", join(folder, "rootfs.tar"), "--directory", root, "."]);
  await podman("import", join(folder, "rootfs.tar"), "localhost/counter:1");
});
after(async () => {
  await podman("rm", "--all", "--force", "--time", "0");
  await podman("rmi", "--all", "--force");
  await rm(folder, { recursive: true, force: true });
});

const script = "rm /etc/unneeded; ln -s /etc/passwd /tmp/link; i=0; while :; do i=$((i+1)); echo $i >/tmp/count; sleep 0.1; done";

for (const compression of ["zstd", "gzip", "none"]) {
  test(`podman: an archive that it exported, compressed with ${compression}`, async () => {
    const name = `packages-test-${compression}`;
    await podman(
      "run",
      "--detach",
      "--name",
      name,
      "--network",
      "none",
      "--env",
      "COLOUR=blue",
      "localhost/counter:1",
      "/bin/sh",
      "-c",
      script,
    );
    await eventually("a count", () => podman("exec", name, "/bin/busybox", "cat", "/tmp/count"));
    const path = join(folder, `${name}.tar`);
    await podman("container", "checkpoint", "--compress", compression, "--export", path, name);
    await using archive = await openArchive(path);
    assert.ok(archive.format === "podman");
    assert.equal(archive.compression, compression);
    assert.equal(archive.container.name, name);
    assert.equal(archive.container.image, "localhost/counter:1");
    assert.deepEqual(archive.container.arguments, ["/bin/sh", "-c", script]);
    assert.ok(archive.container.environment.includes("COLOUR=blue"));
    assert.deepEqual(archive.deletedFiles, ["etc/unneeded"]);
    assert.ok(archive.hostRequests.some(({ value }) => value.endsWith(":/etc/hosts")));
    const { stdout } = await execa("tar", ["--list", "--file", archive.upper ?? ""]);
    assert.match(stdout, /tmp\/count/);
  });
}
