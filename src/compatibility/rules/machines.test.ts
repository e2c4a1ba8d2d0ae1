import { type Hit, type Miss, testExamples } from "../testing/examples.ts";
import { armTarget, containerWith, engine, hostFacts, subjectWith, targetHost, targetWith } from "../testing/situations.ts";

const runc = { path: "/usr/sbin/runc", program: "runc", version: "1.1.5", timeNamespaces: false } as const;

const hits: readonly Hit[] = [
  { rule: "source.local", subject: subjectWith({ host: "ssh://elsewhere" }), seen: /ssh:\/\/elsewhere/ },
  { rule: "source.root", subject: subjectWith({ hostFacts: { ...hostFacts, uid: 1000 } }), seen: /user 1000/ },
  { rule: "source.criu", subject: subjectWith({ criu: undefined }), seen: /4\.2/ },
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
  { rule: "target.engine", target: targetWith({ engine: undefined }), seen: /no Docker/ },
  { rule: "target.engine", target: targetWith({ engine: { ...engine, version: "19.03.15" } }), seen: /19\.03/ },
  { rule: "target.storage-driver", target: targetWith({ engine: { ...engine, storageDriver: "vfs" } }), seen: /vfs/ },
  {
    rule: "target.storage-driver",
    target: targetWith({ engine: { ...engine, containerdImageStore: true } }),
    seen: /containerd/,
  },
  { rule: "target.root", target: targetHost({ uid: 1000 }), seen: /user 1000/ },
  { rule: "target.tools", target: targetWith({ missingTools: ["GNU tar"] }), seen: /GNU tar/ },
  { rule: "target.kernel", target: targetHost({ kernelRelease: "5.4.0-42-generic" }), seen: /5\.4/ },
  { rule: "target.name", target: targetWith({ containerNames: new Set(["web"]) }), seen: /web/ },
  {
    rule: "target.space",
    target: targetHost({
      freeBytes: new Map([
        ["/var/lib/migrate-container", 2 ** 20],
        ["/var/lib/docker", 2 ** 40],
      ]),
    }),
    seen: /1 MiB are free at \/var\/lib\/migrate-container/,
  },
  {
    rule: "target.space",
    subject: subjectWith({ writableBytes: 2 ** 30 }),
    target: targetHost({
      freeBytes: new Map([
        ["/var/lib/migrate-container", 2 ** 40],
        ["/var/lib/docker", 2 ** 28],
      ]),
    }),
    seen: /free at \/var\/lib\/docker/,
  },
  {
    rule: "target.image-space",
    target: targetHost({
      freeBytes: new Map([
        ["/var/lib/migrate-container", 2 ** 40],
        ["/var/lib/docker", 2 ** 26],
      ]),
    }),
    seen: /64 MiB are free/,
  },
  { rule: "target.memory", target: targetHost({ memoryAvailable: 50 * 2 ** 20 }), seen: /50 MiB of memory/ },
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
  { rule: "target.runtime", target: targetWith({ runtimes: [] }), seen: /neither/ },
  { rule: "target.runtime", target: targetWith({ runtimes: [{ ...runc, version: "1.0.3" }] }), seen: /runc is 1\.0\.3/ },
  { rule: "target.clocks", target: targetWith({ runtimes: [runc] }), seen: /runc 1\.1\.5/ },
  { rule: "target.clocks", target: targetWith({ timeNamespaces: false }), seen: /kernel/ },
  { rule: "target.cgroups", subject: containerWith({ HostConfig: { MemorySwappiness: 10 } }), seen: /--memory-swappiness/ },
];

const misses: readonly Miss[] = [
  { rule: "target.kernel", target: targetHost({ kernelRelease: "5.10.0" }) },
  { rule: "target.image-space", target: targetWith({ engine: undefined }) },
  { rule: "target.cpu-features", target: targetHost({ cpuFlags: ["avx", "avx2", "fma"] }) },
  { rule: "target.cpu-features", target: armTarget() },
  { rule: "target.emulator", target: armTarget({ emulator: { version: undefined } }) },
  { rule: "target.clocks", target: targetWith({ runtimes: [runc], bootId: "one" }) },
  { rule: "target.cgroups", subject: containerWith({ HostConfig: { MemorySwappiness: -1 } }) },
  {
    rule: "target.cgroups",
    subject: containerWith({ HostConfig: { MemorySwappiness: 10 } }),
    target: targetWith({ engine: { ...engine, cgroupVersion: 1 } }),
  },
];

testExamples(["The source", "The target"], hits, misses);
