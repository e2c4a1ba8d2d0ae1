import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import type { CredsEntry } from "../criu/images/schema/index.ts";
import { capabilitiesOf, capabilityBit, capabilityNames, namesOf, restoringCapabilities } from "./capabilities.ts";

test("capabilities: as many as the kernel has, in its order", () => {
  const last = Number(readFileSync("/proc/sys/kernel/cap_last_cap", "utf8"));
  assert.ok(capabilityNames.length >= last + 1);
  assert.equal(capabilityBit("SYS_ADMIN"), 1n << 21n);
  assert.equal(capabilityBit("CHECKPOINT_RESTORE"), 1n << 40n);
  assert.equal(new Set(capabilityNames).size, 41);
});

test("capabilities: words of an image", () => {
  const sets = capabilitiesOf({
    cap_inh: [1, 0],
    cap_prm: [0xa80425fb, 0x100],
    cap_eff: [-1, 0],
    cap_bnd: [],
    cap_amb: [0],
  } as unknown as CredsEntry);
  assert.deepEqual(sets, { inheritable: 1n, permitted: 0x100_a804_25fbn, effective: 0xffff_ffffn, bounding: 0n, ambient: 0n });
});

test("capabilities: the names of Docker's default set", () => {
  assert.deepEqual(namesOf(0xa80425fbn), [
    ...["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP"],
    ...["CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE", "CAP_SETFCAP"],
  ]);
  assert.deepEqual(namesOf(1n << 60n), []);
  assert.ok(restoringCapabilities.includes("CHECKPOINT_RESTORE"));
});
