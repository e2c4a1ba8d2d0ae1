import type { MountFacts } from "../reading/mounts.ts";
import { type Hit, type Miss, testExamples } from "../testing/examples.ts";
import { containerWith, engine, liveWith, mountsWith, subjectWith, targetWith } from "../testing/situations.ts";

function bindOf(source: string, kind: MountFacts["kind"] = "d"): Partial<MountFacts> {
  return { type: "bind", name: undefined, source, destination: "/there", kind };
}

const bind = (source: string, kind?: MountFacts["kind"]) => mountsWith(bindOf(source, kind));

const ports = { "80/tcp": [{ HostIp: "", HostPort: "8080" }] };

const hits: readonly Hit[] = [
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
  {
    rule: "container.mounts",
    subject: { ...containerWith({ Mounts: [{ Type: "volume", Destination: "/data" }] }), mounts: undefined },
    seen: /\/data \(volume\)/,
  },
  {
    rule: "container.volume-driver",
    subject: mountsWith({ hasOptions: true }),
    seen: /mounts of something else: \/data \(data\)/,
  },
  { rule: "container.binds", subject: bind("/etc/localtime", "f"), seen: /\/etc\/localtime at \/there/ },
  { rule: "container.binds", subject: bind("/var/run/docker.sock", "other"), seen: /docker\.sock/ },
  { rule: "container.binds", subject: bind("/"), seen: /: \/ at/ },
  { rule: "container.binds", subject: bind("/proc/sys"), seen: /\/proc\/sys/ },
  { rule: "container.shared-volume", subject: mountsWith({ sharedWith: ["db"] }), seen: /^data is used by db, too$/ },
  {
    rule: "target.bind",
    subject: mountsWith({ ...bindOf("/srv/web"), isThere: true }),
    target: targetWith(),
    seen: /no \/srv\/web$/,
  },
  {
    rule: "target.volume",
    subject: mountsWith({}),
    target: targetWith({ volumeNames: new Set(["data"]) }),
    seen: /volume data$/,
  },
  {
    rule: "target.volume",
    subject: bind("/srv/web"),
    target: targetWith({ existingPaths: new Set(["/srv/web"]) }),
    seen: /\/srv\/web$/,
  },
  { rule: "container.memory-files", subject: liveWith({ memoryFiles: ["/run/own"] }), seen: /: \/run\/own$/ },
  { rule: "container.message-queues", subject: liveWith({ memoryFiles: ["/dev/mqueue/jobs"] }), seen: /\/dev\/mqueue\/jobs/ },
  {
    rule: "container.volume-driver",
    subject: containerWith({ Mounts: [{ Type: "volume", Destination: "/data", Driver: "rexray" }] }),
    seen: /\/data \(rexray\)/,
  },
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
];

const misses: readonly Miss[] = [
  { rule: "container.standard-input", subject: containerWith({ Config: { OpenStdin: true, Tty: true } }) },
  { rule: "container.health-check", subject: containerWith({ Config: { Healthcheck: { Test: ["NONE"] } } }) },
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
  {
    rule: "container.mounts",
    subject: { ...containerWith({ Mounts: [{ Type: "tmpfs", Destination: "/run" }] }), mounts: undefined },
  },
  { rule: "container.mounts", subject: containerWith({ Mounts: [{ Type: "volume", Destination: "/data" }] }) },
  { rule: "container.binds", subject: bind("/srv/web") },
  { rule: "container.binds", subject: mountsWith({ ...bindOf("/etc/localtime", "f"), isThere: true }) },
  { rule: "container.binds", subject: bind("/home/me/library") },
  { rule: "container.shared-volume", subject: mountsWith({}) },
  {
    rule: "target.volume",
    subject: mountsWith({ name: "ab".repeat(32) }),
    target: targetWith({ volumeNames: new Set(["ab".repeat(32)]) }),
  },
  {
    rule: "container.volume-driver",
    subject: containerWith({ Mounts: [{ Type: "volume", Destination: "/data", Driver: "local" }] }),
  },
  {
    rule: "container.devices",
    subject: containerWith({ HostConfig: { Devices: [{ PathOnHost: "/dev/null" }] } }),
  },
  { rule: "container.network", subject: containerWith({ HostConfig: { NetworkMode: "container:abc" } }) },
  { rule: "container.message-queues", subject: liveWith({ memoryFiles: ["/dev/mqueue"] }) },
  { rule: "container.memory-files", subject: liveWith({ memoryFiles: ["/dev/shm/pool", "/dev/own"] }) },
  {
    rule: "container.memory-files",
    subject: {
      ...liveWith({ memoryFiles: ["/run/own"] }),
      container: containerWith({ HostConfig: { Tmpfs: { "/run": "" } } }).container,
    },
  },
];

testExamples(["The container"], hits, misses);
