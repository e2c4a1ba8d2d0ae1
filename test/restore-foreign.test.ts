import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { execa } from "execa";
import { openArchive } from "../src/checkpoint/archive/open-archive.ts";
import { mappedFiles } from "../src/checkpoint/take/executables.ts";
import { openPodmanStore, type PodmanStore, podmanImage } from "../src/checkpoint/testing/podman-store.ts";
import { rawTar } from "../src/checkpoint/testing/raw-tar.ts";
import { readTargetFacts } from "../src/compatibility/target-facts.ts";
import { decodeImage } from "../src/criu/images/decode-image.ts";
import { encodeImage } from "../src/criu/images/encode-image.ts";
import { openCheckpoint } from "../src/criu/images/open-checkpoint.ts";
import type { MntEntry } from "../src/criu/images/schema/index.ts";
import { DockerEngine } from "../src/engine/docker/engine.ts";
import { openLocalHost } from "../src/host/local.ts";
import { type RestoreOptions, restore } from "../src/index.ts";
import { carryOut } from "../src/migration/carry-out.ts";
import { listMoves } from "../src/migration/index.ts";
import { newMoveId } from "../src/migration/move-id.ts";
import { archivedSubject } from "../src/migration/restore/archived-subject.ts";
import { beginRestore } from "../src/migration/restore/begin-restore.ts";
import { restoreCourse } from "../src/migration/restore/course.ts";
import { findImage } from "../src/migration/restore/foreign/find-image.ts";
import { foreignRestorable } from "../src/migration/restore/foreign/restorable.ts";
import { compileResume } from "../src/resume/compile.ts";
import { qemuUser } from "../src/resume/emulators/qemu-user.ts";
import { emulatedTarget } from "../src/resume/target.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { program } from "./support/cli.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { ensureSource } from "./support/surroundings.ts";

const name = "restore-foreign";
/** Changes what the image has, and counts into a file, which must never have a gap or a number twice. */
const counting = "rm /etc/unneeded; echo x >/srv/new; i=0; while :; do i=$((i+1)); echo $i >>/tmp/counts; sleep 0.1; done";
/** Has a file open in /dev/shm, too. */
const sharing = `echo shared >/dev/shm/kept; exec 7</dev/shm/kept; ${counting}`;
const stateHome = process.env.XDG_STATE_HOME;
let store: PodmanStore;
let folder: string;
/** Of a container in podman's default network. */
let archive: string;

before(async () => {
  await ensureSource();
  store = await openPodmanStore();
  folder = await mkdtemp(join(tmpdir(), "restore-foreign-"));
  process.env.XDG_STATE_HOME = join(folder, "state");
  const saved = join(folder, "image.tar");
  await store.podman("save", "--output", saved, podmanImage);
  await docker("load", "--input", saved);
  archive = await exported("plain", ["--env", "COLOUR=blue", "--label", "note=kept", "--publish", "18097:80"], sharing);
});
afterEach(() => removeContainer(name));
after(async () => {
  if (stateHome === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = stateHome;
  await removeContainer(name);
  await docker("image", "rm", "--force", podmanImage);
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Runs the counter under podman, and exports it. @returns the archive's path */
async function exported(what: string, settings: readonly string[], script = counting): Promise<string> {
  const { podman } = store;
  await podman("run", "--detach", "--name", what, ...settings, podmanImage, "/bin/sh", "-c", script);
  await eventually("a count", async () => (await podman("exec", what, "/bin/cat", "/tmp/counts")).split("\n").length > 3);
  const path = join(folder, `${what}.tar`);
  await podman("container", "checkpoint", "--export", path, what);
  return path;
}

/** The numbers that the restored container has counted. */
async function counted(): Promise<number[]> {
  return (await docker("exec", name, "cat", "/tmp/counts")).split("\n").map(Number);
}

/** It goes on where it was, by some numbers, without a gap. */
async function assertGoesOn(): Promise<void> {
  const before = await counted();
  await eventually("more counts", async () => (await counted()).length > before.length + 3);
  const numbers = await counted();
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
}

async function assertNothingStays(): Promise<void> {
  assert.deepEqual(await listMoves(), []);
  assert.deepEqual(await readdir(join(folder, "state/migrate-container/work")), []);
}

test("restore: podman's archive goes on in Docker, with the image's folders and without what was deleted", async () => {
  const { stdout, stderr, exitCode } = await execa(program, ["restore", archive, "--name", name, "--strategy", "restore"], {
    reject: false,
  });
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /asks for PortBindings=80\/tcp=.*--allow/);
  await assertGoesOn();
  assert.equal(await docker("exec", name, "cat", "/dev/shm/kept"), "shared");
  assert.equal(await docker("exec", name, "stat", "-c", "%a %u:%g", "/tmp", "/srv"), "1777 0:0\n755 7:8");
  await assert.rejects(docker("exec", name, "ls", "/etc/unneeded"), /No such file/);
  const record = JSON.parse(await docker("inspect", name))[0];
  assert.equal(record.Config.Labels.note, "kept");
  assert.ok(record.Config.Env.includes("COLOUR=blue"));
  assert.equal(await docker("port", name), "");
  assert.match(record.NetworkSettings.IPAddress, /^172\./);
  await assertNothingStays();
});

test("restore: a published port is published when it is allowed", async () => {
  const result = await restore({ archive, name, strategy: "restore", isAllowed: ({ field }) => field === "PortBindings" });
  assert.equal(result.status, "restored", JSON.stringify(result));
  assert.match(await docker("port", name), /80\/tcp -> 0\.0\.0\.0:18097/);
});

// No rule is asked: an archive does not tell that it is of this run of this kernel, whose clocks need no time namespace.
test("restore: podman's archive, resumed natively by a program", async () => {
  await resumeHere(archive);
  await assertGoesOn();
  assert.equal(await docker("exec", name, "cat", "/dev/shm/kept"), "shared");
  await assertNothingStays();
});

async function resumeHere(path: string): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await openArchive(path));
  assert.ok(opened.format === "podman");
  const local = stack.use(openLocalHost());
  const target = { host: local, engine: await DockerEngine.open(local) };
  const targetFacts = await readTargetFacts(local, target.engine, {});
  const found = await findImage(target, opened.container, undefined);
  const restorable = await foreignRestorable(opened, found, targetFacts.hostFacts.cpuFlags);
  const subject = await archivedSubject(restorable, restorable.record, targetFacts, await target.engine.info());
  const begin = performance.now();
  const common = { id: newMoveId(), strategy: "resume", archive: restorable, local, target, subject, targetFacts } as const;
  const restoring = await beginRestore({ ...common, name, begin, signal: undefined }, { archive: path }, stack);
  const [done] = await carryOut([restoring], restoreCourse("resume"), begin);
  assert.equal(done?.ending.status, "done", JSON.stringify(done));
}

test("restore: podman's archive compiles for an emulator, with the image's executables", async () => {
  await using opened = await openArchive(archive);
  assert.ok(opened.format === "podman");
  await using local = openLocalHost();
  const engine = await DockerEngine.open(local);
  const found = await findImage({ host: local, engine }, opened.container, undefined);
  const restorable = await foreignRestorable(opened, found, []);
  const id = await docker("create", "--name", name, podmanImage, "/bin/sh");
  const readExecutable = await restorable.executables({ engine, id });
  using images = await openCheckpoint(opened.imagesDirectory);
  assert.deepEqual(mappedFiles(images), ["/bin/busybox"]);
  assert.deepEqual(Buffer.from(readExecutable("/bin/busybox")!), await readFile("/bin/busybox"));
  const compiled = compileResume({
    images,
    readFile: readExecutable,
    engineStdio: opened.engineStdio,
    target: emulatedTarget(qemuUser("7.2")),
    temporaryFolders: [],
  });
  assert.equal(compiled.processes[0].threads.length, 1);
});

test("restore: mounts and devices that podman's container had are named and not made", async () => {
  const path = await exported("asking", [
    "--volume",
    `${folder}:/mnt`,
    "--device",
    "/dev/kmsg",
    "--sysctl",
    "net.core.somaxconn=99",
  ]);
  const result = await restore({ archive: path, name, strategy: "restore" });
  assert.equal(result.status, "restored", JSON.stringify(result));
  for (const field of ["Binds", "Devices", "Sysctls"])
    assert.ok(
      result.notes.some((note) => note.includes(`asks for ${field}=`)),
      `${field}: ${result.notes}`,
    );
  const record = JSON.parse(await docker("inspect", name))[0];
  assert.deepEqual([record.HostConfig.Binds ?? [], record.HostConfig.Devices ?? [], record.Mounts], [[], [], []]);
  assert.equal(await docker("exec", name, "ls", "/mnt"), "");
  await assertGoesOn();
});

test("restore: rights that podman's container had must be allowed", async () => {
  const path = await exported("tracing", ["--cap-add", "SYS_PTRACE"]);
  const asked: RestoreOptions = { archive: path, name, strategy: "restore" };
  await assert.rejects(restore(asked), { code: "incompatible", message: /capability SYS_PTRACE/ });
  const result = await restore({ ...asked, isAllowed: ({ field, value }) => `${field}=${value}` === "CapAdd=CAP_SYS_PTRACE" });
  assert.equal(result.status, "restored", JSON.stringify(result));
  assert.deepEqual(JSON.parse(await docker("inspect", name))[0].HostConfig.CapAdd, ["CAP_SYS_PTRACE"]);
});

test("restore: a container of podman's that had no network has none", async () => {
  const path = await exported("shared", ["--network", "none"]);
  const result = await restore({ archive: path, name });
  assert.equal(result.status, "restored", JSON.stringify(result));
  assert.equal(await docker("inspect", "--format", "{{.HostConfig.NetworkMode}}", name), "none");
  await assertGoesOn();
});

test("restore: what can't be made of podman's archive is refused by name, and nothing stays", async () => {
  const volumes = await exported("volumes", ["--volume", "foreign-data:/data"]);
  await assert.rejects(restore({ archive: volumes, name }), { code: "incompatible", message: /volumes.*foreign-data/ });
  const inUse = await exported("in-use", ["--volume", `${folder}:/mnt`, "--workdir", "/mnt"]);
  await assert.rejects(restore({ archive: inUse, name }), { code: "cannot-carry", message: /mounted from outside/ });
  await docker("image", "rm", "--force", podmanImage);
  try {
    const { exitCode, stderr } = await execa(program, ["restore", archive, "--name", name], { reject: false });
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /podman save localhost\/counter:1 \| docker load/);
  } finally {
    await docker("load", "--input", join(folder, "image.tar"));
  }
  await assert.rejects(docker("inspect", name));
  await assertNothingStays();
});

// Neither CRI-O nor containerd's CRI can be had here: their layouts (CRI-O, internal/lib/checkpoint.go; containerd,
// internal/cri/server/container_checkpoint_linux.go) around real images, which runc has CRIU write for them, too.
for (const engine of ["cri-o", "containerd"] as const) {
  test(`restore: an archive as ${engine} makes it for the kubelet`, async () => {
    const layout = await kubeletLayout(engine, await exported(engine, []));
    const path = join(folder, `${engine}-kubelet.tar`);
    await execa("tar", ["--create", "--format", "ustar", "--file", path, "--directory", layout, "."]);
    const result = await restore({ archive: path, name, strategy: "restore" });
    assert.equal(result.status, "restored", JSON.stringify(result));
    // Its name is all that the kubelet's tell of the image.
    assert.ok(
      result.notes.some((note) => note.startsWith(`${podmanImage} there is taken`)),
      String(result.notes),
    );
    await assertGoesOn();
    await assert.rejects(docker("exec", name, "ls", "/etc/unneeded"), /No such file/);
    assert.match(await docker("exec", name, "stat", "-c", "%F", "/proc/keys"), /^character special file$/);
    assert.equal(await docker("exec", name, "ls", "/sys/firmware"), "");
  });
}

/** Two blocks of zeros. */
const endBytes = 1024;

/** @param podmansArchive gives images and files @returns a folder with the members of the other engine's archive */
async function kubeletLayout(engine: "cri-o" | "containerd", podmansArchive: string): Promise<string> {
  const layout = await mkdtemp(join(folder, "layout-"));
  await execa("tar", ["--extract", "--zstd", "--file", podmansArchive, "--directory", layout]);
  const podmans = JSON.parse(await readFile(join(layout, "spec.dump"), "utf8"));
  const namespaces = podmans.linux.namespaces.map((each: { type: string }) =>
    ["network", "ipc", "uts"].includes(each.type) ? { ...each, path: `/var/run/${each.type}ns/7f1c` } : each,
  );
  const spec = {
    ...podmans,
    annotations: engine === "cri-o" ? { "io.container.manager": "cri-o" } : { "io.kubernetes.cri.container-type": "container" },
    linux: { ...podmans.linux, namespaces },
  };
  const config = { id: "7f1c".repeat(16), name: "k8s_counter_counters_default_0", rootfsImageName: podmanImage, runtime: "runc" };
  await Promise.all([
    writeFile(join(layout, "config.dump"), JSON.stringify(config)),
    writeFile(join(layout, "spec.dump"), JSON.stringify(spec)),
    ...["network.status", "devshm-checkpoint.tar", "ctr.log", "artifacts"].map((each) =>
      rm(join(layout, each), { recursive: true, force: true }),
    ),
  ]);
  // As of a runtime that says nothing of them.
  if (engine === "cri-o") {
    await rm(join(layout, "checkpoint/descriptors.json"));
    await maskAsCrun(join(layout, "checkpoint"));
  }
  if (engine === "containerd") {
    const deleted = JSON.parse(await readFile(join(layout, "deleted.files"), "utf8")) as string[];
    const marks = rawTar(deleted.map((each) => ({ name: each.replace(/^\/(.*\/)?/, "$1.wh.") })));
    const layer = await readFile(join(layout, "rootfs-diff.tar"));
    await rm(join(layout, "deleted.files"));
    await writeFile(join(layout, "rootfs-diff.tar"), gzipSync(Buffer.concat([layer.subarray(0, -endBytes), marks])));
    await writeFile(join(layout, "status"), "{}");
  }
  return layout;
}

/** CRI-O's usual runtime names to CRIU what it masks in another way than runc (libcrun/criu.c, register_masked_paths_mounts). */
async function maskAsCrun(images: string): Promise<void> {
  const [file = ""] = (await readdir(images)).filter((each) => each.startsWith("mountpoints-"));
  const image = decodeImage("mountpoints", await readFile(join(images, file)), file);
  const keyOf = ({ mountpoint, ext_key: key, fstype }: MntEntry) => {
    if (key === "/dev/null") return mountpoint;
    return fstype === tmpfs && ["/sys/firmware", "/proc/acpi"].includes(mountpoint) ? "/run/crun/.empty-directory" : key;
  };
  const entries = image.entries.map(({ message }) => {
    const key = keyOf(message);
    return { message: key === undefined ? message : { ...message, ext_key: key } };
  });
  await writeFile(join(images, file), encodeImage({ ...image, entries }));
}

/** CRIU v4.2, images/mnt.proto. */
const tmpfs = 5;
