import assert from "node:assert/strict";
import { test } from "node:test";
import { dumpAndCompile } from "./testing/carry.ts";
import { eventually } from "./testing/eventually.ts";
import { RuncContainer } from "./testing/runc-container.ts";
import { sameCpu } from "./testing/targets.ts";

/** Holds what the images tell of in files of their own. */
const program = `
import ctypes, fcntl, os, struct, time
libc = ctypes.CDLL(None)
libc.shmget(77, 4096, 0o1600); libc.semget(78, 2, 0o1600); libc.msgget(79, 0o1600)
open("/dev/shm/in memory", "w").write("x")
open("/dev/other", "w").write("x")
files = [os.open("/tmp/%d" % index, os.O_RDWR | os.O_CREAT) for index in range(3)]
fcntl.flock(files[0], fcntl.LOCK_EX)
fcntl.lockf(files[1], fcntl.LOCK_SH, 10, 5)
fcntl.fcntl(files[2], 37, struct.pack("hhqqi4x", 1, 0, 3, 7, 0))  # F_OFD_SETLK
print("ready", flush=True)
while True:
    time.sleep(1)
`;

test("container refusals: System V objects of a real container are named, its locks and files in memory are not", async () => {
  await using container = await RuncContainer.create({ arguments: ["/usr/bin/python3", "-c", program] });
  await container.start();
  await eventually("the program", async () => (await container.output()) === "ready\n");
  await assert.rejects(dumpAndCompile(container, sameCpu), (error: { code: string; details: { reasons: string[] } }) => {
    assert.equal(error.code, "cannot-carry");
    assert.deepEqual(error.details.reasons.toSorted(), [
      "a System V message queue (key 0x4f)",
      "a System V semaphore set (key 0x4e)",
      "a System V shared memory segment (key 0x4d)",
    ]);
    return true;
  });
});
