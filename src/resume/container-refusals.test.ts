import assert from "node:assert/strict";
import { test } from "node:test";
import { dumpAndCompile } from "./testing/carry.ts";
import { eventually } from "./testing/eventually.ts";
import { RuncContainer } from "./testing/runc-container.ts";
import { sameCpu } from "./testing/targets.ts";

/** Holds what the images tell of in files of their own. */
const program = `
import fcntl, os, struct, time
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

test("container refusals: locks and files in memory of a real container are named", async () => {
  await using container = await RuncContainer.create({ arguments: ["/usr/bin/python3", "-c", program] });
  await container.start();
  await eventually("the program", async () => (await container.output()) === "ready\n");
  await assert.rejects(dumpAndCompile(container, sameCpu), (error: { code: string; details: { reasons: string[] } }) => {
    assert.equal(error.code, "cannot-carry");
    assert.deepEqual(error.details.reasons.toSorted(), [
      "descriptor 3: a lock of the whole file (flock)",
      "descriptor 4: a POSIX lock (fcntl)",
      "descriptor 5: an open file description lock",
      "files in the tmpfs at /dev/shm: /dev/shm/in memory",
      "files in the tmpfs at /dev: /dev/other",
    ]);
    return true;
  });
});
