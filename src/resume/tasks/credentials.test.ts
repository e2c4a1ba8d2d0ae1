import assert from "node:assert/strict";
import test from "node:test";
import type { CredsEntry } from "../../criu/images/schema/index.ts";
import { capabilityBit } from "../capabilities.ts";
import type { Emission } from "../emission.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import type { ResumedThread } from "../process.ts";
import { runProgram } from "../testing/run-program.ts";
import { emitCredentials } from "./credentials.ts";

const words = (set: bigint): number[] => [Number(set & 0xffff_ffffn), Number(set >> 32n)];
const dockerDefault = 0xa804_25fbn;
const all = (id: number, group: number) => ({
  ...{ uid: id, euid: id, suid: id, fsuid: id },
  ...{ gid: group, egid: group, sgid: group, fsgid: group },
});

function credentials(more: Partial<CredsEntry>, bounding: bigint, permitted: bigint, ambient = 0n): CredsEntry {
  const sets = { cap_prm: words(permitted), cap_eff: words(permitted), cap_bnd: words(bounding), cap_amb: words(ambient) };
  return { ...all(0, 0), ...sets, cap_inh: words(ambient), secbits: 0, groups: [], ...more };
}

/** Puts them on in a program of its own. @returns what the kernel then says of it */
function putOn(creds: CredsEntry): Record<string, string> {
  const { output, exitCode } = runProgram((program) => {
    const thread = { tid: 1, core: { creds } };
    const tree = { process: { threads: [thread] }, children: [] };
    emitCredentials({ program, tree } as unknown as Emission, thread as unknown as ResumedThread);
    const buffer = program.scratch(8192);
    program.call("openat", [AT_FDCWD, program.text("/proc/self/status"), 0, 0]);
    program.code.moveRegister("kept", "result");
    program.call("read", ["kept", buffer, 8192]);
    program.code.moveRegister("argument2", "result");
    program.call("write", [1, buffer, "argument2"]);
    program.call("exit_group", [0]);
  });
  assert.equal(exitCode, 0, output.toString());
  return Object.fromEntries(
    output
      .toString()
      .split("\n")
      .map((line) => line.split(":\t") as [string, string]),
  );
}

const hexadecimal = (set: bigint): string => set.toString(16).padStart(16, "0");

test("credentials: a program that runs as root with Docker's capabilities", () => {
  const status = putOn(credentials({}, dockerDefault, dockerDefault));
  assert.deepEqual([status.Uid, status.Gid, status.Groups?.trim()], ["0\t0\t0\t0", "0\t0\t0\t0", ""]);
  for (const set of ["CapPrm", "CapEff"]) assert.equal(status[set], hexadecimal(dockerDefault), set);
  assert.deepEqual([status.CapInh, status.CapAmb, status.NoNewPrivs], [hexadecimal(0n), hexadecimal(0n), "0"]);
});

test("credentials: a program with a user of its own, and no capabilities", () => {
  const status = putOn(credentials({ ...all(999, 998), groups: [4, 20, 998], no_new_privs: 1 }, dockerDefault, 0n));
  assert.deepEqual([status.Uid, status.Gid, status.Groups?.trim()], ["999\t999\t999\t999", "998\t998\t998\t998", "4 20 998"]);
  for (const set of ["CapPrm", "CapEff", "CapInh", "CapAmb"]) assert.equal(status[set], hexadecimal(0n), set);
  assert.equal(status.NoNewPrivs, "1");
});

test("credentials: what rebuilding needed stays if the program had it", () => {
  const { CapBnd } = putOn(credentials({}, dockerDefault, dockerDefault));
  assert.equal(BigInt(`0x${CapBnd}`) & capabilityBit("CHECKPOINT_RESTORE"), 0n);
  for (const name of ["SETPCAP", "SETUID", "DAC_OVERRIDE"] as const) assert.ok(BigInt(`0x${CapBnd}`) & capabilityBit(name), name);
});

test("credentials: nothing is left of what rebuilding needed", () => {
  const status = putOn(credentials(all(5, 5), 0n, 0n));
  for (const name of ["CHECKPOINT_RESTORE", "SETPCAP", "SETUID", "SETGID", "DAC_OVERRIDE"] as const) {
    assert.equal(BigInt(`0x${status.CapBnd}`) & capabilityBit(name), 0n, name);
  }
});

test("credentials: a user with capabilities, some of them ambient", () => {
  const ambient = capabilityBit("NET_BIND_SERVICE");
  const permitted = ambient | capabilityBit("KILL");
  const status = putOn(credentials(all(1000, 1000), dockerDefault, permitted, ambient));
  assert.deepEqual([status.CapPrm, status.CapEff], [hexadecimal(permitted), hexadecimal(permitted)]);
  assert.deepEqual([status.CapInh, status.CapAmb], [hexadecimal(ambient), hexadecimal(ambient)]);
});

test("credentials: ids that differ", () => {
  const ids = { uid: 10, euid: 11, suid: 12, fsuid: 11, gid: 20, egid: 21, sgid: 22, fsgid: 21 };
  const status = putOn(credentials(ids, dockerDefault, 0n));
  assert.deepEqual([status.Uid, status.Gid], ["10\t11\t12\t11", "20\t21\t22\t21"]);
});

test("credentials: a file system id of its own", () => {
  const ids = { ...all(10, 20), fsuid: 15, fsgid: 25 };
  const status = putOn(credentials(ids, dockerDefault, 0n));
  assert.deepEqual([status.Uid, status.Gid], ["10\t10\t10\t15", "20\t20\t20\t25"]);
  assert.equal(status.CapPrm, hexadecimal(0n));
});
