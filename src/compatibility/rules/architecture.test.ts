import { type Hit, type Miss, testExamples } from "../testing/examples.ts";
import { armTarget, hostFacts, subjectWith, targetHost } from "../testing/situations.ts";

/** An ARM64 container on an ARM64 machine. */
const armSubject = subjectWith({
  image: { ...subjectWith().image, Architecture: "arm64" },
  hostFacts: { ...hostFacts, architecture: "aarch64", addressBits: 48, cpuFlags: ["fp", "asimd", "atomics", "evtstrm"] },
});

const hits: readonly Hit[] = [
  {
    rule: "source.architecture",
    subject: subjectWith({ hostFacts: { ...hostFacts, architecture: "riscv64" } }),
    seen: /riscv64/,
  },
  {
    rule: "source.architecture",
    subject: subjectWith({ image: { ...subjectWith().image, Architecture: "arm64" } }),
    seen: /arm64/,
  },
  { rule: "target.arm-programs", subject: armSubject, target: targetHost({}), seen: /made for ARM64/ },
  { rule: "target.cpu-features", subject: armSubject, target: armTarget({ cpuFlags: ["fp", "asimd"] }), seen: /lacks atomics$/ },
  { rule: "target.address-space", subject: armSubject, target: armTarget({ addressBits: 39 }), seen: /39 bits/ },
  { rule: "target.architecture", target: targetHost({ architecture: "riscv64" }), seen: /riscv64/ },
  { rule: "target.emulator", target: armTarget({ emulators: [] }), seen: /no emulator/ },
  { rule: "target.emulator", target: armTarget({ emulator: { flags: "OC" } }), seen: /flags: OC/ },
  { rule: "target.emulator", target: armTarget({ emulator: { enabled: false } }), seen: /switched off/ },
  { rule: "target.emulator", target: armTarget({ emulator: { version: "6.2.0" } }), seen: /version 6\.2\.0/ },
  {
    rule: "target.emulator-kind",
    target: armTarget({ emulator: { interpreter: "/mnt/rosetta", version: undefined } }),
    seen: /rosetta/,
  },
  { rule: "target.page-size", target: armTarget({ pageSize: 16384 }), seen: /16384/ },
  { rule: "target.address-space", target: armTarget({ addressBits: 39, holdsX86Addresses: false }), seen: /39 bits/ },
  { rule: "target.cpu-features", target: targetHost({ cpuFlags: ["avx", "fma"] }), seen: /lacks avx2/ },
  { rule: "target.speed", target: armTarget(), seen: /qemu-x86_64-static 7\.2\.22/ },
  { rule: "source.named-architecture", expected: { source: "aarch64" }, seen: /it is x86_64, not aarch64/ },
  { rule: "target.named-architecture", expected: { target: "aarch64" }, seen: /it is x86_64, not aarch64/ },
  { rule: "restore.architecture", target: armTarget(), seen: /the source is x86_64, the target aarch64/ },
  { rule: "restore.architecture", target: "none", seen: /the target aarch64/ },
  {
    rule: "restore.emulated",
    subject: subjectWith({ image: { ...subjectWith().image, Architecture: "arm64" } }),
    seen: /the image is for arm64, its machine is x86_64/,
  },
  { rule: "restore.page-size", target: targetHost({ pageSize: 16384 }), seen: /16384 bytes, those of the source 4096/ },
  { rule: "restore.cpu-features", target: targetHost({ cpuFlags: ["avx", "avx2", "fma"] }), seen: /lacks avx512f$/ },
  { rule: "replatform.image", target: armTarget(), seen: /the image is for amd64, the target is aarch64/ },
  { rule: "replatform.image", target: "none", seen: /the target is aarch64/ },
];

const misses: readonly Miss[] = [
  { rule: "source.architecture", subject: armSubject },
  { rule: "target.emulator", subject: armSubject, target: armTarget({ emulators: [] }) },
  { rule: "target.speed", subject: armSubject, target: armTarget() },
  { rule: "target.cpu-features", subject: armSubject, target: armTarget({ cpuFlags: ["fp", "asimd", "atomics"] }) },
  { rule: "target.address-space", subject: armSubject, target: targetHost({}) },
  { rule: "target.cpu-features", target: targetHost({ cpuFlags: ["avx", "avx2", "fma"] }) },
  { rule: "target.cpu-features", target: armTarget() },
  { rule: "target.emulator", target: armTarget({ emulator: { version: undefined } }) },
  { rule: "source.named-architecture", expected: { source: "x86_64" } },
  { rule: "target.named-architecture", expected: { target: "x86_64" } },
  { rule: "target.named-architecture", expected: { target: "x86_64" }, target: "none" },
  { rule: "restore.architecture", expected: { target: "x86_64" }, target: "none" },
  { rule: "replatform.image", expected: { target: "x86_64" }, target: "none" },
  { rule: "restore.cpu-features", target: targetHost({ cpuFlags: [...hostFacts.cpuFlags, "amx_tile"] }) },
  { rule: "restore.cpu-features", target: armTarget() },
  {
    rule: "restore.cpu-features",
    subject: subjectWith({ hostFacts: { ...hostFacts, cpuFlags: ["avx", "retbleed"] } }),
    target: targetHost({ cpuFlags: ["avx"] }),
  },
];

testExamples(["The architecture"], hits, misses);
