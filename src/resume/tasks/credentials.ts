import { type CapabilitySets, capabilitiesOf, capabilityBit, capabilityNames, startingCapabilities } from "../capabilities.ts";
import type { Emission } from "../emission.ts";
import type { CallOptions, Program } from "../machine-code/program.ts";
import type { ResumedThread } from "../process.ts";
import { processesOf } from "../tree.ts";

const PR_SET_KEEPCAPS = 8;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_SET_SECUREBITS = 28;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_RAISE = 2;
const capabilityVersion3 = 0x2008_0522n;

/**
 * Puts the thread's own credentials on, and takes off what the program had beyond them. All of it is per thread in the
 * kernel (and in qemu-user, which passes these calls on as they are).
 */
export function emitCredentials({ program, tree }: Emission, { tid, core }: ResumedThread): void {
  const credentials = core.creds;
  if (credentials === undefined) return;
  const sets = capabilitiesOf(credentials);
  const { groups, uid, euid, suid, gid, egid, sgid } = credentials;
  const describe = (what: string): { readonly describe: string } => ({ describe: `${what} of thread ${tid}` });
  const list = new Uint8Array(new Uint32Array([...groups, 0]).buffer);
  program.call("setgroups", [groups.length, program.bytes(list)], describe("groups"));
  program.call("setresgid", [gid, egid, sgid], describe("group ids"));
  if (credentials.fsgid !== egid) program.call("setfsgid", [credentials.fsgid], { expect: "ignore" });
  const surplus = startingCapabilities(processesOf(tree)) & ~sets.bounding;
  const setPcap = capabilityNames.indexOf("SETPCAP");
  // Dropping needs SETPCAP, which goes last.
  for (const [number, name] of [
    ...[...capabilityNames.entries()].filter(([each]) => each !== setPcap),
    [setPcap, "SETPCAP"] as const,
  ]) {
    if (((surplus >> BigInt(number)) & 1n) === 0n) continue;
    program.call("prctl", [PR_CAPBSET_DROP, number, 0, 0, 0], describe(`bounding set (${name})`));
  }
  program.call("prctl", [PR_SET_KEEPCAPS, 1, 0, 0, 0], describe("keep capabilities"));
  program.call("setresuid", [uid, euid, suid], describe("user ids"));
  program.call("prctl", [PR_SET_KEEPCAPS, 0, 0, 0, 0], describe("keep capabilities"));
  if (credentials.fsuid !== euid) {
    // The change of user has left the capability permitted, but not effective.
    const setUid = capabilityBit("SETUID");
    emitSets(program, { ...sets, effective: setUid, permitted: sets.permitted | setUid }, describe("capabilities"));
    program.call("setfsuid", [credentials.fsuid], { expect: "ignore" });
    program.call("setfsuid", [-1n], { expect: credentials.fsuid, ...describe("file system user id") });
  }
  if (credentials.secbits !== 0) {
    const setPcapBit = capabilityBit("SETPCAP");
    emitSets(program, { ...sets, effective: setPcapBit, permitted: sets.permitted | setPcapBit }, describe("capabilities"));
    program.call("prctl", [PR_SET_SECUREBITS, credentials.secbits, 0, 0, 0], describe("securebits"));
  }
  emitSets(program, sets, describe("capabilities"));
  for (const [number] of capabilityNames.entries()) {
    if (((sets.ambient >> BigInt(number)) & 1n) === 0n) continue;
    program.call("prctl", [PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0], describe("ambient capabilities"));
  }
  if (credentials.no_new_privs === 1) program.call("prctl", [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0], describe("no_new_privs"));
}

function emitSets(program: Program, { effective, permitted, inheritable }: CapabilitySets, options: CallOptions): void {
  const half = (shift: bigint): bigint[] => [effective, permitted, inheritable].map((set) => (set >> shift) & 0xffff_ffffn);
  const values = new Uint8Array(new Uint32Array([...half(0n), ...half(32n)].map(Number)).buffer);
  program.call("capset", [program.words([capabilityVersion3]), program.bytes(values)], options);
}
