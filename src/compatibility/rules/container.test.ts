import type { NetworkRecord } from "../../engine/docker/networks.ts";
import type { Endpoint } from "../live-facts.ts";
import type { MountFacts } from "../reading/mounts.ts";
import type { Subject } from "../subject.ts";
import { type Hit, type Miss, testExamples } from "../testing/examples.ts";
import {
  containerWith,
  devicesWith,
  engine,
  liveWith,
  mountsWith,
  runc,
  socketWith,
  subjectWith,
  targetDevices,
  targetWith,
} from "../testing/situations.ts";

function bindOf(source: string, kind: MountFacts["kind"] = "d"): Partial<MountFacts> {
  return { type: "bind", name: undefined, source, destination: "/there", kind };
}

const bind = (source: string, kind?: MountFacts["kind"]) => mountsWith(bindOf(source, kind));

function networkWith(changes: Partial<NetworkRecord> = {}): NetworkRecord {
  const pools = { Driver: "default", Config: [{ Subnet: "10.77.0.0/16", Gateway: "10.77.0.1" }] };
  return { Name: "shop", Id: "1a", Driver: "bridge", Scope: "local", IPAM: pools, ...changes } as NetworkRecord;
}

/** A container in the network `shop`. @param address chosen by the user */
function inShop({ address, ...network }: Partial<NetworkRecord> & { readonly address?: string } = {}) {
  const endpoint = address === undefined ? {} : { IPAMConfig: { IPv4Address: address } };
  const { container } = containerWith({ HostConfig: { NetworkMode: "shop" }, NetworkSettings: { Networks: { shop: endpoint } } });
  return subjectWith({ container, networks: [networkWith(network)] });
}

const ports = { "80/tcp": [{ HostIp: "", HostPort: "8080" }] };

/** A container in the machine's network, with a socket. */
function inHostNetwork(kind: "tcp" | "udp", local: Endpoint): Subject {
  const { container } = containerWith({ HostConfig: { NetworkMode: "host" } });
  return { ...socketWith({ kind, local }), container, networkMode: "host" };
}

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
    subject: devicesWith({ source: "/dev/kvm" }, {}),
    target: targetDevices({ "/dev/kvm": {}, "/dev/fuse": {} }),
    seen: /^it is given \/dev\/kvm$/,
  },
  {
    rule: "container.devices",
    subject: { ...containerWith({ HostConfig: { Devices: [{ PathOnHost: "/dev/kvm" }] } }), devices: undefined },
    seen: /^it is given \/dev\/kvm$/,
  },
  {
    rule: "container.devices",
    subject: containerWith({ HostConfig: { DeviceRequests: [{ Driver: "nvidia" }] } }),
    seen: /nvidia/,
  },
  {
    rule: "target.devices",
    subject: devicesWith({}, { source: "/dev/kvm" }),
    target: targetDevices({ "/dev/fuse": {} }),
    seen: /^it has no \/dev\/kvm$/,
  },
  {
    rule: "target.devices",
    subject: devicesWith({ source: "/dev/a", there: "/dev/b", isChosen: true }),
    target: targetDevices({ "/dev/a": {}, "/dev/b": { kind: "block device" } }),
    seen: /^its \/dev\/b is a block device, no character device$/,
  },
  {
    rule: "target.device-number",
    subject: devicesWith({ source: "/dev/a", destination: "/opt/a", isChosen: true }),
    target: targetDevices({ "/dev/a": { number: "10:1" } }),
    seen: /^its \/dev\/a is 10:1, the container has 10:229$/,
  },
  {
    rule: "restore.device-number",
    subject: devicesWith({ source: "/dev/a", isChosen: true }),
    target: targetDevices({ "/dev/a": { number: "10:1" } }),
    seen: /^its \/dev\/a is 10:1, the container has 10:229$/,
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
    rule: "container.copied-volume",
    subject: mountsWith({ sharedWith: ["db"], copyShared: true }),
    seen: /^data is used by db, too$/,
  },
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
  {
    rule: "container.host-network",
    subject: containerWith({ HostConfig: { NetworkMode: "host" } }),
    seen: /its machine's network/,
  },
  {
    rule: "container.host-network",
    subject: { ...containerWith({ HostConfig: { NetworkMode: "host" } }), engine: runc },
    seen: /^it is in its machine's network$/,
  },
  {
    rule: "target.host-port",
    subject: { ...inHostNetwork("tcp", { address: "::", port: 22 }), engine: runc },
    seen: /^its tcp port 22 is in use$/,
  },
  { rule: "target.host-port", subject: inHostNetwork("tcp", { address: "::", port: 22 }), seen: /^its tcp port 22 is in use$/ },
  {
    rule: "target.host-port",
    subject: inHostNetwork("udp", { address: "127.0.0.1", port: 53 }),
    target: targetWith({ usedPorts: [{ protocol: "udp", address: "0.0.0.0", port: 53 }] }),
    seen: /^its udp port 53 is in use$/,
  },
  {
    rule: "restore.network",
    subject: { ...subjectWith(), networkMode: "host" },
    seen: /^it is in its machine's network, and in a network of its own on the target$/,
  },
  {
    rule: "restore.network",
    subject: { ...subjectWith(), networkMode: "container:abc" },
    seen: /^it is in another container's network, and in a network of its own/,
  },
  {
    rule: "restore.network",
    subject: containerWith({ HostConfig: { NetworkMode: "host" } }),
    seen: /in its machine's network on/,
  },
  {
    rule: "container.network",
    subject: containerWith({ NetworkSettings: { Networks: { bridge: {}, shop: {} } } }),
    seen: /shop/,
  },
  { rule: "container.network", subject: inShop({ Driver: "macvlan" }), seen: /in the network shop \(macvlan\)$/ },
  { rule: "container.network", subject: inShop({ Scope: "swarm", Driver: "overlay" }), seen: /shop \(overlay\)$/ },
  { rule: "container.network", subject: { ...inShop(), networks: undefined }, seen: /shop$/ },
  {
    rule: "target.static-address",
    subject: inShop({ address: "10.77.3.4" }),
    target: targetWith({ networks: new Map([["lan", ["10.64.0.0/10"]]]) }),
    seen: /overlap the network shop, in which the container has the address 10\.77\.3\.4$/,
  },
  {
    rule: "target.static-address",
    subject: inShop({ address: "10.77.3.4" }),
    target: targetWith({ networks: new Map([["shop", ["10.78.0.0/16"]]]) }),
    seen: /its network shop has no subnet with 10\.77\.3\.4/,
  },
  {
    rule: "target.subnet",
    subject: inShop(),
    target: targetWith({ networks: new Map([["other", ["fd00::/64", "10.77.9.0/24"]]]) }),
    seen: /overlap 10\.77\.0\.0\/16 of the network shop$/,
  },
  {
    rule: "target.subnet",
    subject: inShop(),
    target: targetWith({ addresses: new Set(["fe80::1", "10.77.0.9"]) }),
    seen: /10\.77\.0\.0\/16/,
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
  { rule: "container.network", subject: inShop() },
  { rule: "target.static-address", subject: inShop({ address: "10.77.3.4" }) },
  {
    rule: "target.static-address",
    subject: inShop({ address: "10.77.3.4" }),
    target: targetWith({ networks: new Map([["shop", ["10.76.0.0/15"]]]) }),
  },
  { rule: "target.subnet", subject: inShop() },
  { rule: "target.subnet", subject: inShop(), target: targetWith({ networks: new Map([["shop", ["10.77.0.0/16"]]]) }) },
  { rule: "target.subnet", subject: inShop(), target: targetWith({ networks: new Map([["other", ["10.78.0.0/16"]]]) }) },
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
  { rule: "container.shared-volume", subject: mountsWith({ sharedWith: ["db"], copyShared: true }) },
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
    subject: devicesWith({ source: "/dev/null" }, { source: "/dev/fuse" }, { source: "/dev/kvm", isChosen: true }),
    target: targetDevices({ "/dev/null": {}, "/dev/fuse": {}, "/dev/kvm": {} }),
  },
  { rule: "target.devices", subject: devicesWith({}), target: targetDevices({ "/dev/fuse": { number: "10:1" } }) },
  { rule: "target.devices", subject: devicesWith({ node: undefined }), target: targetDevices({ "/dev/fuse": {} }) },
  { rule: "target.device-number", subject: devicesWith({}), target: targetDevices({ "/dev/fuse": { number: "10:1" } }) },
  {
    rule: "target.device-number",
    subject: devicesWith({ destination: "/opt/fuse" }),
    target: targetDevices({ "/dev/fuse": {} }),
  },
  {
    rule: "restore.device-number",
    subject: devicesWith({ destination: "/opt/fuse" }),
    target: targetDevices({ "/dev/fuse": { number: "10:1" } }),
  },
  { rule: "container.network", subject: containerWith({ HostConfig: { NetworkMode: "container:abc" } }) },
  { rule: "container.network", subject: containerWith({ HostConfig: { NetworkMode: "host" } }) },
  { rule: "container.network", subject: containerWith({ HostConfig: { NetworkMode: "none" } }) },
  { rule: "container.host-network" },
  { rule: "target.host-port", subject: inHostNetwork("udp", { address: "::", port: 22 }) },
  { rule: "target.host-port", subject: socketWith({ local: { address: "::", port: 22 } }) },
  { rule: "restore.network", subject: { ...subjectWith(), networkMode: "shop" } },
  { rule: "restore.network", subject: { ...containerWith({ HostConfig: { NetworkMode: "host" } }), networkMode: undefined } },
  { rule: "restore.network", subject: inHostNetwork("tcp", { address: "::", port: 23 }) },
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
