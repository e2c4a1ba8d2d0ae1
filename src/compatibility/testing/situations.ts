import type { ContainerRecord, ImageRecord } from "../../engine/docker/engine.ts";
import type { EngineInfo } from "../../engine/docker/info.ts";
import type { HostFacts } from "../../host/facts.ts";
import type { DescriptorFacts, LiveFacts, ProcessFacts, SocketFacts } from "../live-facts.ts";
import type { DeviceFacts, DeviceNode } from "../reading/devices.ts";
import type { MountFacts } from "../reading/mounts.ts";
import type { Subject } from "../subject.ts";
import type { TargetFacts } from "../target-facts.ts";

const gibibyte = 2 ** 30;

export const hostFacts: HostFacts = {
  architecture: "x86_64",
  kernelRelease: "6.18.44",
  pageSize: 4096,
  addressBits: 47,
  holdsX86Addresses: true,
  uid: 0,
  cpuFlags: ["avx", "avx2", "fma", "avx512f"],
  memoryTotal: 4 * gibibyte,
  memoryAvailable: 3 * gibibyte,
  freeBytes: new Map([
    ["/var/lib/migrate-container", 9 * gibibyte],
    ["/var/lib/docker", 9 * gibibyte],
  ]),
  emulators: [],
};

export const engine: EngineInfo = {
  engine: "docker",
  version: "26.1.5+dfsg1",
  apiVersion: "1.45",
  architecture: "x86_64",
  kernelRelease: "6.18.44",
  storageDriver: "overlay2",
  containerdImageStore: false,
  nativeOverlay: true,
  rootDirectory: "/var/lib/docker",
  cgroupVersion: 2,
  cpus: 4,
  securityOptions: new Set(["seccomp"]),
  runtimes: new Map([["runc", "runc"]]),
  defaultRuntime: "runc",
  experimental: false,
};

/** A runtime that has a bundle's container. */
export const runc: EngineInfo = { ...engine, engine: "runc", version: "1.1.5", storageDriver: "", rootDirectory: "/" };

export const first: ProcessFacts = {
  pid: 500,
  containerPid: 1,
  parentPid: 480,
  name: "app",
  state: "S",
  tracerPid: 0,
  executable: "/usr/bin/app",
  elf: { bits: 64, machine: 62 },
  threads: 4,
  uid: 0,
  memoryBytes: 10 * 2 ** 20,
  hugePageBytes: 0,
  seccompMode: 2,
  personality: 0,
  schedulingPolicies: [],
  timers: 0,
  workingDirectory: "/data",
  descriptors: [
    { number: 0, target: "/dev/null", kind: "character-device" },
    { number: 1, target: "pipe:[11]", kind: "pipe" },
    { number: 3, target: "anon_inode:[eventpoll]", kind: "other" },
    { number: 4, target: "/data/file", kind: "file" },
  ],
  specialMappings: ["/dev/zero (deleted)"],
  namespaces: new Map([
    ["user", "user:[1]"],
    ["pid", "pid:[2]"],
    ["pid_for_children", "pid:[2]"],
    ["net", "net:[3]"],
  ]),
  lockedDescriptors: [],
  execSession: false,
};

const live: LiveFacts = {
  processes: [first],
  sockets: [],
  deletedFiles: [],
  memoryFiles: [],
  isResumed: false,
  hostUserNamespace: "user:[1]",
};

const container = {
  Id: "c".repeat(64),
  Name: "/web",
  Driver: "overlay2",
  State: { Status: "running", Running: true, Paused: false, Restarting: false, Pid: 500, ExitCode: 0 },
  HostConfig: { NetworkMode: "default", PortBindings: {}, Runtime: "runc", IpcMode: "private" },
  NetworkSettings: { Networks: { bridge: {} } },
  Mounts: [],
  Config: { Tty: false, OpenStdin: false },
} as unknown as ContainerRecord;

/** A container that can be moved, with changes. */
export function subjectWith(changes: Partial<Subject> = {}): Subject {
  return {
    host: "local",
    container,
    image: { Id: "sha256:1", Architecture: "amd64", Size: 50 * 2 ** 20 } as ImageRecord,
    hostFacts,
    engine,
    criu: { binDirectory: "/bin", program: "/bin/criu", version: "4.2.1", bundled: true },
    live,
    writableBytes: 4096,
    mounts: [],
    devices: [],
    networkMode: "default",
    networks: [],
    bootId: "one",
    ...changes,
  };
}

export function containerWith(changes: {
  State?: Partial<ContainerRecord["State"]>;
  HostConfig?: Partial<ContainerRecord["HostConfig"]>;
  Config?: Readonly<Record<string, unknown>>;
  NetworkSettings?: Readonly<Record<string, unknown>>;
  Mounts?: readonly unknown[];
  Driver?: string;
}): Subject {
  const changed = {
    ...container,
    ...changes,
    State: { ...container.State, ...changes.State },
    HostConfig: { ...container.HostConfig, ...changes.HostConfig },
    Config: { ...container.Config, ...changes.Config },
  };
  return subjectWith({ container: changed as unknown as ContainerRecord });
}

export function mountsWith(...mounts: readonly Partial<MountFacts>[]): Subject {
  const usual = { type: "volume", name: "data", source: "/var/lib/docker/volumes/data/_data", destination: "/data" } as const;
  return subjectWith({
    mounts: mounts.map((mount) => ({
      ...usual,
      kind: "d",
      labels: {},
      hasOptions: false,
      sharedWith: [],
      bytes: 0,
      there: mount.source ?? usual.source,
      isThere: false,
      ...mount,
    })),
  });
}

const usualNode: DeviceNode = { kind: "character device", number: "10:229" };

/** A container with devices. */
export function devicesWith(...devices: readonly Partial<DeviceFacts>[]): Subject {
  return subjectWith({
    devices: devices.map(({ source = "/dev/fuse", ...device }) => ({
      ...{ source, destination: source, there: source, isChosen: false, node: usualNode },
      ...device,
    })),
  });
}

/** A machine with devices, by their paths. */
export function targetDevices(devices: Readonly<Record<string, Partial<DeviceNode>>>): TargetFacts {
  return targetWith({
    devices: new Map(Object.entries(devices).map(([path, node]) => [path, { ...usualNode, ...node }])),
  });
}

export function liveWith(changes: Partial<LiveFacts>): Subject {
  return subjectWith({ live: { ...live, ...changes } });
}

/** @param others more processes of the container */
export function processWith(changes: Partial<ProcessFacts>, ...others: Partial<ProcessFacts>[]): Subject {
  return liveWith({
    processes: [{ ...first, ...changes }, ...others.map((other) => ({ ...first, pid: 501, containerPid: 7, ...other }))],
  });
}

export function descriptorWith(target: string, kind: DescriptorFacts["kind"]): Subject {
  return processWith({ descriptors: [...first.descriptors, { number: 9, target, kind }] });
}

export function socketWith(changes: Partial<SocketFacts>): Subject {
  return liveWith({
    sockets: [
      { inode: 5, pid: 500, descriptor: 9, kind: "tcp", state: "listening", local: undefined, remote: undefined, ...changes },
    ],
  });
}

/** An x86_64 machine that can take any of them, with changes. */
export function targetWith(changes: Partial<TargetFacts> = {}): TargetFacts {
  return {
    host: "ssh://board",
    hostFacts,
    engine,
    containerNames: new Set(["other"]),
    networks: new Map([
      ["bridge", ["172.17.0.0/16"]],
      ["host", []],
      ["none", []],
    ]),
    criu: undefined,
    devices: new Map(),
    appArmorProfiles: new Set(),
    usedPorts: [{ protocol: "tcp", address: "0.0.0.0", port: 22 }],
    addresses: new Set(["127.0.0.1", "192.168.1.5"]),
    runtimes: [{ path: "/usr/bin/crun", program: "crun", version: "1.21", timeNamespaces: true }],
    timeNamespaces: true,
    unshareSetsClocks: true,
    missingTools: [],
    bootId: "two",
    volumeNames: new Set(),
    existingPaths: new Set(),
    kernelConfig: undefined,
    ...changes,
  };
}

export function targetHost(changes: Partial<HostFacts>): TargetFacts {
  return targetWith({ hostFacts: { ...hostFacts, ...changes } });
}

const qemu = { name: "qemu-x86_64", interpreter: "/usr/bin/qemu-x86_64-static", enabled: true, flags: "POCF", version: "7.2.22" };

/** An ARM64 machine with an emulator. */
export function armTarget({
  emulator = {},
  ...changes
}: Partial<HostFacts> & { emulator?: Partial<typeof qemu> | { version: undefined } } = {}): TargetFacts {
  return targetHost({
    architecture: "aarch64",
    addressBits: 48,
    cpuFlags: ["fp", "asimd"],
    emulators: [{ ...qemu, ...emulator }],
    ...changes,
  });
}
