import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureImage } from "../lab/images.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { migrate } from "../src/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { ensureSource } from "./support/surroundings.ts";

const name = "move-files";
let machine: LabMachine;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  await clear(machine, name);
});

after(async () => {
  await removeContainer(name);
  await clear(machine, name);
});

/**
 * A parent and a child that count in shared memory under a semaphore. The parent has a file of the image open that was removed, a
 * library mapped that was replaced, a file in a tmpfs, and a lock; it looks at all of it again and again.
 */
const program = `
import ctypes, fcntl, math, multiprocessing, os, shutil, time
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory(create=True, size=1 << 20)
semaphore = multiprocessing.Semaphore(1)
library = next(line.split()[-1] for line in open("/proc/self/maps") if "libm.so" in line)
shutil.copy(library, "/tmp/new"); os.replace("/tmp/new", library)
removed = open("/etc/debian_version"); text = removed.read(); os.unlink("/etc/debian_version")
lock = open("/tmp/lock", "w"); fcntl.flock(lock, fcntl.LOCK_EX)
open("/scratch/data", "w").write("scratch")
if os.fork() == 0:
    while True:
        with semaphore: memory.buf[0] = (memory.buf[0] + 1) % 256
        time.sleep(0.01)
seen = 0
while True:
    # However slow the machine is, a child that goes on counts; one that doesn't leaves the output where it is.
    while memory.buf[0] == seen: time.sleep(0.05)
    with semaphore: seen = memory.buf[0]
    removed.seek(0)
    other = open("/tmp/lock")
    try: fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB); locked = False
    except BlockingIOError: locked = True
    facts = [removed.read() == text, locked, open("/scratch/data").read() == "scratch", math.sin(0.5) > 0.479]
    print("right" if all(facts) else facts, flush=True)
`;

/** Asserts that the program goes on to say there that all is right. */
async function assertAllRight(): Promise<void> {
  const output = async () => (await on(machine, `docker logs ${name} 2>&1`)).split("\n");
  const before = (await docker("logs", name)).split("\n").length;
  await eventually("its output on the target", async () => (await output()).length > before + 20);
  assert.deepEqual(new Set(await output()), new Set(["right"]));
}

test("files without names, in memory and locked move with the processes that have them", async () => {
  const image = await ensureImage("python");
  await removeContainer(name);
  await docker("run", "--detach", "--name", name, "--tmpfs", "/scratch", image, "python3", "-c", program);
  await eventually("the program to be ready", async () => /right\nright/.test(await docker("logs", name)));
  const result = await migrate({ container: name, target: machine.target, sshConfig: machine.sshConfig });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  await assertAllRight();
  assert.match(await on(machine, `docker exec ${name} ls -a /etc /tmp /dev/shm`), /^(?!.*(migrate|link_remap))/s);
});

/** What a process without any capability can have: files in memory and deleted files, which are made anew by one that has some. */
const plainProgram = `
import mmap, os, time
named = open("/dev/shm/named", "w+"); named.write("named"); named.flush()
deleted = open("/dev/shm/deleted", "w+"); deleted.write("deleted"); deleted.flush(); os.chmod("/dev/shm/deleted", 0o400); os.unlink("/dev/shm/deleted")
memory = os.memfd_create("memory"); os.write(memory, b"memory")
while True:
    time.sleep(0.05)
    deleted.seek(0)
    facts = [open("/dev/shm/named").read() == "named", deleted.read() == "deleted", os.pread(memory, 9, 0) == b"memory",
        os.fstat(deleted.fileno()).st_mode & 0o777 == 0o400]
    print("right" if all(facts) else facts, flush=True)
`;

test("files of a container without capabilities move", async () => {
  const image = await ensureImage("python");
  await removeContainer(name);
  await clear(machine, name);
  await docker("run", "--detach", "--name", name, "--cap-drop", "ALL", image, "python3", "-c", plainProgram);
  await eventually("the program to be ready", async () => /right\nright/.test(await docker("logs", name)));
  const result = await migrate({ container: name, target: machine.target, sshConfig: machine.sshConfig });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  await assertAllRight();
  const status = await on(machine, `docker exec ${name} cat /proc/1/status`);
  assert.deepEqual([...new Set(Array.from(status.matchAll(/^Cap\w+:\s+(\w+)$/gm), ([, set]) => set))], ["0000000000000000"]);
});
