import assert from "node:assert/strict";
import { test } from "node:test";
import { armTarget, engine, targetHost } from "../../compatibility/testing/situations.ts";
import { parseKernelConfig } from "../../kernel/config.ts";
import { kernelOptions } from "../../kernel/options.ts";
import type { ItemState } from "../item.ts";
import type { MachineFacts } from "../machine-facts.ts";
import { machineWith } from "../testing/facts.ts";
import { items } from "./index.ts";

/** The item, a machine, how it stands, and what is told of it. */
type Example = readonly [name: string, facts: MachineFacts, state: ItemState, told: RegExp];

const arm = (changes: Parameters<typeof armTarget>[0]) => ({ hostFacts: armTarget(changes).hostFacts });
const noEmulator = { ...arm({ emulators: [] }) };
const android = { kind: "android", hasApt: false, init: undefined, folders: new Map() } as const;
const kernelWithout = (...names: readonly string[]) =>
  parseKernelConfig(
    kernelOptions.flatMap(({ name }) => (names.includes(name) ? [] : [`CONFIG_${name}=y`])).join("\n"),
    "/proc/config.gz",
  );

// Debian 12's.
const oldCrun = { crunCandidate: "1.8.1-1+deb12u1" };
const oldRunc = { path: "/usr/sbin/runc", program: "runc", version: "1.1.5", timeNamespaces: false } as const;

const examples: readonly Example[] = [
  ["access", machineWith({}, arm({ uid: 1000 })), "blocked", /user 1000.*Run this as root/],
  [
    "access",
    machineWith({}, { ...arm({ uid: 1000 }), withoutRoot: { why: "sudo: a password is required", remedy: "Let it." } }),
    "blocked",
    /user 1000 \(sudo: a password is required\).*Let it/,
  ],
  ["access", machineWith(), "good", /root/],
  ["kernel", machineWith({}, arm({ kernelRelease: "5.4.0" })), "blocked", /5\.4\.0.*5\.9/],
  ["kernel", machineWith({}, arm({ architecture: "armv7l" })), "blocked", /armv7l/],
  ["page-size", machineWith({}, arm({ pageSize: 16384 })), "blocked", /16384 bytes.*kernel8/],
  [
    "address-space",
    machineWith({}, arm({ addressBits: 39, holdsX86Addresses: false })),
    "blocked",
    /39 bits.*VA_BITS_48.*qemu-system.*replatform.*box64/,
  ],
  ["kernel-options", machineWith(), "limited", /does not tell.*--kernel-config/],
  ["kernel-options", machineWith({}, { kernelConfig: kernelWithout() }), "good", /all \d+ are in \/proc\/config\.gz/],
  [
    "kernel-options",
    machineWith({}, { kernelConfig: kernelWithout("BINFMT_MISC") }),
    "blocked",
    /CONFIG_BINFMT_MISC.*--kernel-fragment.*CONFIG_BINFMT_MISC \(resume\): x86_64 programs/s,
  ],
  ["tools", machineWith({}, { missingTools: ["GNU tar"] }), "mendable", /install tar with apt/],
  ["tools", machineWith({ hasApt: false }, { missingTools: ["GNU tar"] }), "blocked", /no GNU tar.*Install/],
  ["engine", machineWith({}, { engine: undefined }), "mendable", /does not answer.*systemctl enable --now docker/],
  ["engine", machineWith({ init: "openrc" }, { engine: undefined }), "mendable", /rc-service docker start/],
  ["engine", machineWith({ init: undefined }, { engine: undefined }), "mendable", /\/etc\/init\.d\/docker start/],
  [
    "engine",
    machineWith({ init: undefined, hasDockerScript: false }, { engine: undefined }),
    "blocked",
    /does not answer.*run `dockerd` as root/,
  ],
  ["engine", machineWith({ hasDockerd: false }, { engine: undefined }), "mendable", /install docker\.io with apt/],
  ["engine", machineWith({ hasDockerd: false, podman: "4.3.1" }, { engine: undefined }), "limited", /Podman 4\.3\.1.*`resume`/],
  ["engine", machineWith({ hasDockerd: false, podman: "3.4.4" }, { engine: undefined }), "mendable", /install docker\.io/],
  ["engine", machineWith({ hasDockerd: false, hasApt: false }, { engine: undefined }), "blocked", /docs\.docker\.com/],
  ["engine", machineWith({ ...android, hasDockerd: false }, { engine: undefined }), "blocked", /Termux.*android-kernel/],
  ["engine", machineWith({}, { engine: { ...engine, version: "19.03" } }), "blocked", /19\.03.*20\.10/],
  ["engine", machineWith({}, { engine: { ...engine, storageDriver: "vfs" } }), "blocked", /vfs.*overlay2/],
  ["runtime", machineWith({}, { runtimes: [] }), "mendable", /neither.*install crun/],
  ["runtime", machineWith(oldCrun, { runtimes: [] }), "mendable", /install crun/],
  ["runtime", machineWith(oldCrun, { runtimes: [], unshareSetsClocks: false }), "blocked", /Install crun 1\.8\.4/],
  ["runtime", machineWith(oldCrun, { runtimes: [oldRunc] }), "good", /runc 1\.1\.5, with time namespaces by `unshare`/],
  ["runtime", machineWith(oldCrun, { runtimes: [oldRunc], unshareSetsClocks: false }), "blocked", /runc 1\.1\.5 knows no.*2\.36/],
  [
    "runtime",
    machineWith({}, { runtimes: [oldRunc], unshareSetsClocks: false }),
    "mendable",
    /runc 1\.1\.5 knows no.*install crun/,
  ],
  ["runtime", machineWith({}, { timeNamespaces: false }), "limited", /no time namespaces.*CONFIG_TIME_NS/],
  ["folders", machineWith({ folders: new Map() }), "mendable", /make \/var\/lib\/migrate-container with mode 0700/],
  ["folders", machineWith(android), "mendable", /make \/data\/local\/tmp\/migrate-container/],
  [
    "folders",
    machineWith({ folders: new Map([["/var/lib/migrate-container", { mode: "755", uid: 0 }]]) }),
    "mendable",
    /mode 0755.*root, with mode 0700/,
  ],
  ["criu", machineWith({}, { criu: undefined }), "mendable", /into \/var\/lib\/migrate-container\/criu/],
  ["criu", machineWith(android, { criu: undefined }), "mendable", /into \/data\/local\/tmp\/criu/],
  ["criu", machineWith({}, { criu: undefined, host: "local" }), "mendable", /install CRIU in a folder of its own/],
  ["emulator", machineWith({}, noEmulator), "mendable", /no emulator.*flag F/],
  ["emulator", machineWith(android, noEmulator), "mendable", /\/data\/local\/tmp\/migrate-container\/emulator/],
  ["emulator", machineWith({}, arm({ emulator: { flags: "OC" } })), "mendable", /can't be used by containers \(flags: OC\)/],
  ["emulator", machineWith({}, arm({ emulator: { version: "6.2" } })), "mendable", /is version 6\.2/],
  ["emulator", machineWith({}, arm({ emulator: { enabled: false } })), "mendable", /is switched off/],
  ["emulator", machineWith({ binfmt: "none" }, noEmulator), "blocked", /CONFIG_BINFMT_MISC/],
  [
    "emulator",
    machineWith({ binfmt: "loadable" }, { ...noEmulator, kernelConfig: kernelWithout("BINFMT_MISC") }),
    "blocked",
    /no binfmt_misc.*--kernel-fragment/,
  ],
  [
    "emulator",
    machineWith({}, arm({ emulators: [], holdsX86Addresses: false, addressBits: 39 })),
    "blocked",
    /none could hold x86_64 addresses/,
  ],
  ["emulator-at-boot", machineWith({ emulatorAtBoot: false }), "mendable", /write \/etc\/binfmt\.d\/migrate-container\.conf/],
  ["emulator-at-boot", machineWith({ emulatorAtBoot: false, init: undefined }), "limited", /After a restart/],
  ["emulator-at-boot", machineWith({ ...android, emulatorAtBoot: false, init: "service.d" }), "mendable", /\/data\/adb/],
  ["space", machineWith({}, arm({ freeBytes: new Map() })), "limited", /only 0 B at .*Make room/],
];

for (const [name, facts, state, told] of examples) {
  test(`${name}: ${state}: ${told.source}`, () => {
    const examination = items.find((item) => item.name === name)?.examine(facts);
    assert.equal(examination?.state, state, JSON.stringify(examination));
    const { found } = examination!;
    const more = "remedy" in examination! ? examination.remedy : "changes" in examination! ? examination.changes.join("; ") : "";
    assert.match(`${found} ${more}`, told);
  });
}

test("all is well on a machine that has all, and every item is examined", () => {
  const states = items.map((item) => [item.name, item.examine(machineWith({}, { kernelConfig: kernelWithout() }))?.state]);
  assert.deepEqual(Object.fromEntries(states), Object.fromEntries(items.map(({ name }) => [name, "good"])));
});

test("an x86_64 machine needs no emulator", () => {
  const facts = machineWith({}, targetHost({}));
  for (const name of ["emulator", "emulator-at-boot"]) {
    assert.equal(items.find((item) => item.name === name)?.examine(facts), undefined);
  }
});

test("what is mendable can be mended", () => {
  for (const [name, , state] of examples) {
    if (state === "mendable") assert.ok(items.find((item) => item.name === name)?.mend, name);
  }
});
