import { defaultCapabilities } from "../../../engine/docker/security.ts";
import type { Shape } from "../shape.ts";
import type { ForeignDocuments } from "./documents.ts";
import type { ForeignMounts } from "./mounts.ts";
import { textEntries } from "./record.ts";

/**
 * How the container is run, as Docker's record has it: whatever it asks of the machine becomes a request like those of an archive of our
 * own. Limits stay.
 * @throws MigrationError `archive-refused`, `record-invalid`
 */
export function foreignHostConfig(documents: ForeignDocuments, { mounts, temporary }: ForeignMounts) {
  const { config, spec } = documents;
  const linux = spec("linux").maybe((each) => each.object());
  const root = spec("root").maybe((each) => each.object());
  return {
    ...namespaceModes(documents),
    Binds: mounts.map((mount) => `${mount.Name ?? mount.Source}:${mount.Destination}${mount.RW ? "" : ":ro"}`),
    Tmpfs: temporary,
    PortBindings: portBindings(config),
    Privileged: config("privileged").maybe((privileged) => privileged.flag()) ?? false,
    ReadonlyRootfs: root?.("readonly").maybe((readonly) => readonly.flag()) ?? false,
    ...capabilities(spec("process").object()),
    SecurityOpt: linux?.("seccomp").maybe((seccomp) => seccomp.object()) === undefined ? ["seccomp=unconfined"] : [],
    MaskedPaths: linux?.("maskedPaths").maybe((list) => list.texts()) ?? [],
    ReadonlyPaths: linux?.("readonlyPaths").maybe((list) => list.texts()) ?? [],
    Sysctls: Object.fromEntries(linux?.("sysctl").maybe(textEntries) ?? []),
    Devices: linux?.("devices").maybe((list) => list.list().map(device)) ?? [],
    Ulimits:
      spec("process")
        .object()("rlimits")
        .maybe((list) => list.list().map(limit)) ?? [],
    GroupAdd: config("groups").maybe((list) => list.texts()) ?? [],
    ShmSize: config("shmSize").maybe((size) => size.count()) || undefined,
    ...resources(linux?.("resources").maybe((each) => each.object())),
  };
}

/** Those that are shared with another container are an obstacle (obstacles.ts). */
function namespaceModes({ config, spec }: ForeignDocuments) {
  const all = namespaces(spec);
  const own = new Set(all.map(({ type }) => type));
  return {
    NetworkMode: networkMode(
      config,
      all.find(({ type }) => type === "network"),
    ),
    IpcMode: own.has("ipc") ? "private" : "host",
    PidMode: own.has("pid") ? "" : "host",
    UTSMode: own.has("uts") ? "" : "host",
  };
}

function networkMode(config: ForeignDocuments["config"], own: Namespace | undefined): string {
  if (own === undefined) return "host";
  // An engine that connects it makes the namespace beforehand; podman's record tells of it, the kubelet's has none.
  const isConnected = own.path !== "" || config("createNetNS").maybe((made) => made.flag()) === true;
  return isConnected ? (namedNetworks(config)[0] ?? "bridge") : "none";
}

interface Namespace {
  readonly type: string;
  /** Of one that was there before; else empty. */
  readonly path: string;
}

/** The namespaces that the container does not share with its machine. */
export function namespaces(spec: ForeignDocuments["spec"]): Namespace[] {
  const list = spec("linux").maybe((linux) =>
    linux
      .object()("namespaces")
      .maybe((each) => each.list()),
  );
  return (list ?? []).map((each) => {
    const at = each.object();
    return { type: at("type").text(), path: at("path").maybe((path) => path.text()) ?? "" };
  });
}

/** Networks that a user made. podman calls its default one `podman`; older ones have a list of names. */
export function namedNetworks(config: ForeignDocuments["config"]): string[] {
  const present = config("newNetworks").maybe((networks) => networks.entries().map(([name]) => name));
  const names = present ?? config("networks").maybe((list) => list.texts()) ?? [];
  return names.filter((name) => name !== "podman");
}

function portBindings(config: ForeignDocuments["config"]) {
  const published = config("newPortMappings").maybe((list) => list.list().flatMap(publishedPorts)) ?? [];
  const grouped = Map.groupBy(published, ({ port }) => port);
  return Object.fromEntries([...grouped].map(([port, all]) => [port, all.map(({ binding }) => binding)]));
}

const mostPorts = 65_536;

/** A mapping may be one of many ports in a row, and of several protocols. */
function publishedPorts(shape: Shape) {
  const at = shape.object();
  const number = (key: string) => at(key).maybe((port) => port.count()) ?? 0;
  const address = at("host_ip").maybe((text) => text.text()) ?? "";
  const protocols = at("protocol").maybe((text) => text.text(/^(tcp|udp|sctp)(,(tcp|udp|sctp)){0,2}$/)) ?? "tcp";
  const range = number("range") || 1;
  if (range > mostPorts) at("range").fail("is more than there are ports");
  return protocols.split(",").flatMap((protocol) =>
    Array.from({ length: range }, (_, offset) => ({
      port: `${number("container_port") + offset}/${protocol}`,
      binding: { HostIp: address, HostPort: String(number("host_port") + offset) },
    })),
  );
}

/** What it has beyond what Docker gives to every container, and what it lacks of it. */
function capabilities(process: ForeignDocuments["spec"]) {
  const bounding = process("capabilities").maybe((sets) =>
    sets
      .object()("bounding")
      .maybe((list) => list.texts(/^CAP_[A-Z_]+$/)),
  );
  const names = (bounding ?? []).map((name) => name.replace(/^CAP_/, ""));
  return {
    CapAdd: names.filter((name) => !defaultCapabilities.includes(name)).map((name) => `CAP_${name}`),
    CapDrop: defaultCapabilities.filter((name) => !names.includes(name)).map((name) => `CAP_${name}`),
  };
}

function device(shape: Shape) {
  const path = shape.object()("path").text();
  return { PathOnHost: path, PathInContainer: path, CgroupPermissions: "rwm" };
}

function limit(shape: Shape) {
  const at = shape.object();
  const type = at("type").text(/^RLIMIT_[A-Z]+$/);
  return { Name: type.replace(/^RLIMIT_/, "").toLowerCase(), Soft: at("soft").limit(), Hard: at("hard").limit() };
}

/** Docker has 0 for no limit, or nothing. */
function resources(at: ForeignDocuments["spec"] | undefined) {
  const of = (group: string, key: string) => {
    const value = at?.(group).maybe((each) =>
      each
        .object()(key)
        .maybe((amount) => amount.limit()),
    );
    return value === undefined || value <= 0 ? undefined : value;
  };
  return {
    Memory: of("memory", "limit"),
    MemoryReservation: of("memory", "reservation"),
    MemorySwap: of("memory", "swap"),
    CpuShares: of("cpu", "shares"),
    CpuPeriod: of("cpu", "period"),
    CpuQuota: of("cpu", "quota"),
    PidsLimit: of("pids", "limit"),
  };
}
