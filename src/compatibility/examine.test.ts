import assert from "node:assert/strict";
import { test } from "node:test";
import { examine } from "./examine.ts";
import { chooseExecution, chooseRuntime, targetKind } from "./execution.ts";
import { rules } from "./rules/index.ts";
import type { Subject } from "./subject.ts";
import type { TargetFacts } from "./target-facts.ts";
import {
  armTarget,
  containerWith,
  descriptorWith,
  engine,
  first,
  hostFacts,
  liveWith,
  processWith,
  socketWith,
  subjectWith,
  targetHost,
  targetWith,
} from "./testing/situations.ts";

interface Case {
  readonly rule: string;
  readonly subject?: Subject;
  readonly target?: TargetFacts;
  readonly seen: RegExp;
}

const ports = { "80/tcp": [{ HostIp: "", HostPort: "8080" }] };
const runc = { path: "/usr/sbin/runc", program: "runc", version: "1.1.5", timeNamespaces: false } as const;
const local = { address: "172.17.0.2", port: 80 };

const triggers: readonly Case[] = [
  { rule: "container.running", subject: containerWith({ State: { Running: false, Status: "exited" } }), seen: /exited/ },
  { rule: "container.running", subject: containerWith({ State: { Paused: true } }), seen: /paused/ },
  { rule: "container.running", subject: containerWith({ State: { Restarting: true } }), seen: /restarting/ },
  { rule: "container.terminal", subject: containerWith({ Config: { Tty: true } }), seen: /terminal/ },
  { rule: "container.standard-input", subject: containerWith({ Config: { OpenStdin: true } }), seen: /interactive/ },
  { rule: "container.auto-remove", subject: containerWith({ HostConfig: { AutoRemove: true } }), seen: /--rm/ },
  {
    rule: "container.health-check",
    subject: containerWith({ Config: { Healthcheck: { Test: ["CMD", "true"] } } }),
    seen: /health/,
  },
  { rule: "container.privileged", subject: containerWith({ HostConfig: { Privileged: true } }), seen: /privileged/ },
  { rule: "container.namespaces", subject: containerWith({ HostConfig: { PidMode: "host" } }), seen: /--pid=host/ },
  {
    rule: "container.namespaces",
    subject: containerWith({ HostConfig: { IpcMode: "container:abc" } }),
    seen: /--ipc=container:abc/,
  },
  { rule: "container.namespaces", subject: containerWith({ HostConfig: { UTSMode: "host" } }), seen: /--uts=host/ },
  { rule: "container.user-namespace", subject: liveWith({ hostUserNamespace: "user:[99]" }), seen: /user namespace/ },
  {
    rule: "container.devices",
    subject: containerWith({ HostConfig: { Devices: [{ PathOnHost: "/dev/kvm" }] } }),
    seen: /\/dev\/kvm/,
  },
  {
    rule: "container.devices",
    subject: containerWith({ HostConfig: { DeviceRequests: [{ Driver: "nvidia" }] } }),
    seen: /nvidia/,
  },
  { rule: "container.runtime", subject: containerWith({ HostConfig: { Runtime: "runsc" } }), seen: /runsc/ },
  {
    rule: "container.security-options",
    subject: containerWith({ HostConfig: { SecurityOpt: ["seccomp={}"] } }),
    seen: /seccomp/,
  },
  {
    rule: "container.mounts",
    subject: containerWith({ Mounts: [{ Type: "volume", Destination: "/data" }] }),
    seen: /\/data \(volume\)/,
  },
  { rule: "container.mounts", subject: containerWith({ HostConfig: { Tmpfs: { "/run": "" } } }), seen: /\/run \(tmpfs\)/ },
  { rule: "container.memory-files", subject: liveWith({ memoryFiles: ["/dev/shm/pool"] }), seen: /\/dev\/shm\/pool/ },
  { rule: "source.storage-driver", subject: containerWith({ Driver: "btrfs" }), seen: /btrfs/ },
  {
    rule: "source.storage-driver",
    subject: subjectWith({ engine: { ...engine, containerdImageStore: true } }),
    seen: /containerd/,
  },
  { rule: "container.network", subject: containerWith({ HostConfig: { NetworkMode: "host" } }), seen: /host/ },
  {
    rule: "container.network",
    subject: containerWith({ NetworkSettings: { Networks: { bridge: {}, shop: {} } } }),
    seen: /shop/,
  },
  { rule: "container.links", subject: containerWith({ HostConfig: { Links: ["/db:/web/db"] } }), seen: /linked with db$/ },
  {
    rule: "container.chosen-ports",
    subject: containerWith({ HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "" }] } } }),
    seen: /80\/tcp/,
  },
  { rule: "container.chosen-ports", subject: containerWith({ HostConfig: { PublishAllPorts: true } }), seen: /image exposes/ },
  {
    rule: "target.address",
    subject: containerWith({ HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "10.1.1.1", HostPort: "80" }] } } }),
    seen: /10\.1\.1\.1/,
  },
  {
    rule: "target.port",
    subject: containerWith({ HostConfig: { PortBindings: ports } }),
    target: targetWith({ usedPorts: [{ protocol: "tcp", address: "127.0.0.1", port: 8080 }] }),
    seen: /tcp port 8080/,
  },
  { rule: "container.machine-settings", subject: containerWith({ HostConfig: { CpusetCpus: "0-1" } }), seen: /--cpuset-cpus/ },
  {
    rule: "container.log-driver",
    subject: containerWith({ HostConfig: { LogConfig: { Type: "fluentd", Config: {} } } }),
    seen: /fluentd/,
  },
  {
    rule: "container.memory-limit",
    subject: containerWith({ HostConfig: { Memory: 2 ** 28 } }),
    target: armTarget(),
    seen: /256 MiB/,
  },
  { rule: "process.single", subject: processWith({}, { name: "worker" }), seen: /worker \(7\)/ },
  { rule: "process.exec-session", subject: processWith({}, { name: "sh", execSession: true }), seen: /sh \(7\)/ },
  { rule: "process.state", subject: processWith({ state: "T" }), seen: /stopped/ },
  { rule: "process.state", subject: processWith({ tracerPid: 77 }), seen: /traced by process 77/ },
  { rule: "process.state", subject: processWith({}, { state: "Z" }), seen: /zombie/ },
  { rule: "process.architecture", subject: processWith({ elf: { bits: 32, machine: 3 } }), seen: /32-bit/ },
  {
    rule: "process.namespace",
    subject: processWith({}, { namespaces: new Map([...first.namespaces, ["net", "net:[9]"]]) }),
    seen: /app \(7\): net$/,
  },
  {
    rule: "process.namespace",
    subject: processWith({ namespaces: new Map([...first.namespaces, ["pid_for_children", "pid:[9]"]]) }),
    seen: /for its children/,
  },
  { rule: "process.root", subject: processWith({ root: "/srv/jail" }), seen: /\/srv\/jail/ },
  { rule: "process.settings", subject: processWith({ personality: 0x0040000 }), seen: /0x40000/ },
  { rule: "process.settings", subject: processWith({ schedulingPolicies: [2] }), seen: /SCHED_OTHER/ },
  { rule: "process.settings", subject: processWith({ timers: 2 }), seen: /2 POSIX timer/ },
  { rule: "process.settings", subject: processWith({ seccompMode: 1 }), seen: /strict seccomp/ },
  { rule: "memory.asynchronous-io", subject: processWith({ specialMappings: ["/[aio] (deleted)"] }), seen: /AIO/ },
  { rule: "memory.asynchronous-io", subject: descriptorWith("anon_inode:[io_uring]", "other"), seen: /io_uring/ },
  { rule: "memory.huge-pages", subject: processWith({ hugePageBytes: 2 ** 21 }), seen: /huge pages/ },
  { rule: "memory.locked", subject: processWith({ lockedBytes: 4096 }), seen: /locked memory/ },
  {
    rule: "memory.system-v",
    subject: liveWith({ systemVObjects: { sharedMemory: 1, semaphores: 2, queues: 0 } }),
    seen: /1 shared memory segment\(s\), 2 semaphore/,
  },
  { rule: "memory.system-v", subject: processWith({ specialMappings: ["/SYSV00000000 (deleted)"] }), seen: /still in use/ },
  { rule: "memory.deleted-file", subject: processWith({ specialMappings: ["/lib/old.so (deleted)"] }), seen: /\/lib\/old\.so/ },
  { rule: "memory.deleted-file", subject: processWith({ executable: "/usr/bin/app (deleted)" }), seen: /\/usr\/bin\/app/ },
  { rule: "memory.device", subject: processWith({ specialMappings: ["/dev/nvidia0"] }), seen: /nvidia0/ },
  {
    rule: "descriptor.terminal",
    subject: descriptorWith("/dev/pts/0", "character-device"),
    seen: /\/dev\/pts\/0, descriptor 9 of app \(1\)/,
  },
  { rule: "descriptor.file-watch", subject: descriptorWith("anon_inode:inotify", "other"), seen: /inotify/ },
  { rule: "descriptor.file-watch", subject: descriptorWith("anon_inode:[fanotify]", "other"), seen: /fanotify/ },
  { rule: "descriptor.memory-file", subject: descriptorWith("/memfd:cache (deleted)", "file"), seen: /memfd:cache/ },
  { rule: "descriptor.kernel-object", subject: descriptorWith("anon_inode:[pidfd]", "other"), seen: /pidfd/ },
  { rule: "descriptor.kernel-object", subject: descriptorWith("net:[4026531840]", "other"), seen: /net:/ },
  { rule: "descriptor.deleted-file", subject: descriptorWith("/tmp/x (deleted)", "file"), seen: /\/tmp\/x/ },
  { rule: "descriptor.named-pipe", subject: descriptorWith("/run/fifo", "pipe"), seen: /\/run\/fifo/ },
  { rule: "descriptor.device", subject: descriptorWith("/dev/fuse", "character-device"), seen: /\/dev\/fuse/ },
  { rule: "descriptor.file-lock", subject: processWith({ lockedDescriptors: [4] }), seen: /\/data\/file/ },
  { rule: "socket.unix", subject: socketWith({ kind: "unix" }), seen: /descriptor 9 of app \(1\)/ },
  { rule: "socket.other", subject: socketWith({ kind: "netlink" }), seen: /netlink/ },
  { rule: "socket.unlisted", subject: socketWith({ kind: "unlisted" }), seen: /descriptor 9/ },
  { rule: "socket.address", subject: socketWith({ local }), seen: /172\.17\.0\.2:80/ },
  {
    rule: "socket.connection",
    subject: socketWith({ state: "connected", local, remote: { address: "2001:db8::1", port: 40000 } }),
    seen: /\[2001:db8::1\]:40000/,
  },
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
  { rule: "target.clocks", target: targetWith({ runtimes: [runc] }), seen: /runc 1\.1\.5/ },
  { rule: "target.clocks", target: targetWith({ timeNamespaces: false }), seen: /kernel/ },
  { rule: "target.cgroups", subject: containerWith({ HostConfig: { MemorySwappiness: 10 } }), seen: /--memory-swappiness/ },
];

/** Situations that are near those above, and in which the rule has nothing to say. */
const misses: readonly Omit<Case, "seen">[] = [
  { rule: "container.standard-input", subject: containerWith({ Config: { OpenStdin: true, Tty: true } }) },
  { rule: "container.health-check", subject: containerWith({ Config: { Healthcheck: { Test: ["NONE"] } } }) },
  { rule: "container.namespaces", subject: containerWith({ HostConfig: { IpcMode: "shareable" } }) },
  { rule: "container.runtime", subject: subjectWith({ engine: { ...engine, runtimes: new Map([["runc", ""]]) } }) },
  {
    rule: "container.security-options",
    subject: containerWith({ HostConfig: { SecurityOpt: ["seccomp=unconfined", "no-new-privileges"] } }),
  },
  { rule: "container.network", subject: containerWith({ HostConfig: { NetworkMode: "bridge" } }) },
  { rule: "container.chosen-ports", subject: containerWith({ HostConfig: { PortBindings: ports } }) },
  {
    rule: "target.address",
    subject: containerWith({ HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "192.168.1.5", HostPort: "80" }] } } }),
  },
  {
    rule: "target.port",
    subject: containerWith({ HostConfig: { PortBindings: ports } }),
    target: targetWith({ usedPorts: [{ protocol: "udp", address: "::", port: 8080 }] }),
  },
  {
    rule: "target.port",
    subject: containerWith({ HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] } } }),
    target: targetWith({ usedPorts: [{ protocol: "tcp", address: "10.0.0.1", port: 8080 }] }),
  },
  { rule: "container.memory-limit", subject: containerWith({ HostConfig: { Memory: 2 ** 28 } }) },
  { rule: "process.single", subject: processWith({}, { execSession: true }) },
  {
    rule: "socket.unix",
    subject: liveWith({
      processes: [first, { ...first, pid: 501, execSession: true }],
      sockets: socketWith({ kind: "unix", pid: 501 }).live?.sockets ?? [],
    }),
  },
  {
    rule: "memory.deleted-file",
    subject: processWith({ specialMappings: ["/dev/zero (deleted)", "/memfd:v8 (deleted)", "/[aio] (deleted)"] }),
  },
  { rule: "memory.device", subject: processWith({ specialMappings: ["/dev/zero (deleted)", "/dev/shm/pool"] }) },
  { rule: "descriptor.kernel-object", subject: descriptorWith("anon_inode:[timerfd]", "other") },
  { rule: "descriptor.deleted-file", subject: descriptorWith("/memfd:cache (deleted)", "file") },
  { rule: "descriptor.device", subject: descriptorWith("/dev/urandom", "character-device") },
  { rule: "socket.address", subject: socketWith({ local: { address: "127.0.0.11", port: 53 } }) },
  { rule: "socket.address", subject: socketWith({ state: "connected", local, remote: local }) },
  { rule: "socket.connection", subject: socketWith({ local }) },
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

function findingsOf({ rule, subject = subjectWith(), target = targetWith() }: Omit<Case, "seen">) {
  return examine(subject, target).findings.filter((finding) => finding.rule === rule);
}

test("examine: nothing stands in the way of an ordinary container", () => {
  assert.deepEqual(examine(subjectWith(), targetWith()), { findings: [], verdicts: { resume: "ready" } });
  assert.deepEqual(examine(subjectWith(), undefined), { findings: [], verdicts: { resume: "ready" } });
  const { findings, verdicts } = examine(subjectWith(), armTarget());
  assert.deepEqual([findings.map(({ rule }) => rule), verdicts.resume], [["target.speed"], "ready"]);
});

for (const example of triggers) {
  test(`${example.rule}: ${example.seen.source}`, () => {
    const [finding, ...more] = findingsOf(example);
    assert.deepEqual(more, []);
    assert.match(finding?.seen ?? "", example.seen);
    const rule = rules.find(({ name }) => name === example.rule);
    assert.equal(finding?.severity, rule?.severity);
    assert.equal(finding?.host, rule?.side === "target" ? "ssh://board" : (example.subject ?? subjectWith()).host);
    if (finding?.severity !== "info") assert.ok((finding?.remedy ?? "") !== "");
    const { verdicts } = examine(example.subject ?? subjectWith(), example.target ?? targetWith());
    if (finding?.severity === "blocker") assert.equal(verdicts.resume, "blocked");
  });
}

for (const [index, example] of misses.entries()) {
  test(`${example.rule}: silent, ${index}`, () => assert.deepEqual(findingsOf(example), []));
}

test("examine: each rule has an example, and each example a rule", () => {
  const names = rules.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(new Set(triggers.map(({ rule }) => rule)), new Set(names));
});

test("examine: only warnings leave the verdict alone, and the worst comes first", () => {
  const warned = examine(containerWith({ HostConfig: { AutoRemove: true } }), targetWith());
  assert.equal(warned.verdicts.resume, "ready");
  const both = examine(containerWith({ HostConfig: { AutoRemove: true, Privileged: true } }), armTarget());
  assert.deepEqual(
    both.findings.map(({ severity }) => severity),
    ["blocker", "warning", "info"],
  );
});

test("examine: the name on the target counts", () => {
  const target = targetWith({ containerNames: new Set(["taken"]) });
  assert.equal(examine(subjectWith(), target, { name: "taken" }).verdicts.resume, "blocked");
  assert.equal(examine(subjectWith(), target).verdicts.resume, "ready");
});

test("examine: a stopped container is judged by its record", () => {
  const { container } = containerWith({ State: { Running: false, Status: "exited" }, HostConfig: { Privileged: true } });
  const { findings } = examine(subjectWith({ container, live: undefined }), targetWith());
  assert.deepEqual(
    findings.map(({ rule }) => rule),
    ["container.running", "container.privileged"],
  );
});

test("examine: many things of one kind are one finding", () => {
  const workers = Array.from({ length: 10 }, (_, index) => ({ name: `w${index}` }));
  const [finding, ...more] = findingsOf({ rule: "process.single", subject: processWith({}, ...workers) });
  assert.deepEqual(more, []);
  assert.match(finding?.seen ?? "", /w0 \(7\), .*w5 \(7\) and 4 more$/);
});

test("execution: what the program is compiled for", () => {
  assert.deepEqual(chooseExecution(subjectWith(), armTarget()), { execution: "emulated", avx512: false, redispatch: true });
  assert.deepEqual(chooseExecution(subjectWith(), targetHost({ cpuFlags: ["avx", "avx2", "fma"] })), {
    execution: "native",
    avx512: false,
    redispatch: true,
  });
  assert.equal(chooseExecution(subjectWith(), targetHost({ cpuFlags: [] })), undefined);
  assert.equal(targetKind(armTarget({ emulator: { flags: "" } })), undefined);
  assert.equal(targetKind(targetHost({ architecture: "riscv64" })), undefined);
  assert.equal(chooseRuntime(targetWith({ runtimes: [] })), undefined);
});
