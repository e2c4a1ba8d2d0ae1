import type Docker from "dockerode";
import fc from "fast-check";
import { anyChanges, anyTree, type ChangeSpec, type FileSpec } from "./tree-spec.ts";

/** A container that is made at random, with all that is around it. */
export interface ContainerSpec {
  /** What the API is asked for, without mounts and networks. */
  readonly config: Docker.ContainerCreateOptions;
  readonly host: Docker.HostConfig;
  /** In the writable layer. */
  readonly changes: readonly ChangeSpec[];
  readonly files: readonly FileSpec[];
  readonly mounts: readonly MountSpec[];
  /** Empty: Docker's default network, or what `mode` says. The first is the one that it is made in. */
  readonly networks: readonly NetworkSpec[];
  /** A network that every Docker has. Undefined where it is in others. */
  readonly mode: "host" | "none" | undefined;
  /** Whether it is in Docker's default network besides. */
  readonly besides: boolean;
}

export interface MountSpec {
  readonly kind: "named" | "anonymous" | "bind" | "tmpfs";
  readonly destination: string;
  readonly readOnly: boolean;
  readonly files: readonly FileSpec[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface NetworkSpec {
  readonly internal: boolean;
  /** The last number of the address that is chosen. */
  readonly address: number | undefined;
  readonly aliases: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly gateway: boolean;
  readonly range: boolean;
}

/** Of fields that may be missing, each is there in about half of all cases. */
function some<Fields extends object>(
  fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> },
): fc.Arbitrary<Partial<Fields>> {
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Partial<Fields>>;
}

const mebibyte = 2 ** 20;
const second = 1e9;
const word = fc.constantFrom("", "plain", "with space", 'it\'s "quoted" $HOME', "line\nfeed", "ünï", "a=b", "%s");
const labels = fc.dictionary(fc.constantFrom("org.example.a", "empty", "with space", "ünï", "a/b"), word, { maxKeys: 3 });

const config = some<Docker.ContainerCreateOptions & { StopTimeout: number; Domainname: string }>({
  Hostname: fc.constantFrom("my-host", "h", "x".repeat(63)),
  Domainname: fc.constant("example.org"),
  User: fc.constantFrom("", "0", "1000", "1000:1000", "33:44", "app", "app:app", "2147483647"),
  Env: fc.uniqueArray(
    fc.tuple(fc.constantFrom("PATH", "EMPTY", "QUOTES", "UNI"), word).map(([name, value]) => `${name}=${value}`),
    { maxLength: 4, selector: (variable) => variable.split("=")[0] },
  ),
  Entrypoint: fc.constantFrom(["/counter", "--log"], ["/busybox", "sh", "-c", 'exec /counter "$@"', "sh", "--log"], ["/counter"]),
  WorkingDir: fc.constantFrom("/", "/image", "/made/by/docker"),
  Labels: labels,
  Healthcheck: fc.constantFrom(
    { Test: ["CMD", "/busybox", "true"], Interval: second, Timeout: 5 * second, Retries: 2 },
    { Test: ["NONE"] },
  ),
  StopSignal: fc.constantFrom("SIGQUIT", "SIGUSR1", "9"),
  StopTimeout: fc.constantFrom(1, 17),
  Tty: fc.boolean(),
  OpenStdin: fc.boolean(),
  ExposedPorts: fc.constantFrom({ "53/udp": {} }, { "8080/tcp": {}, "7/tcp": {} }),
});

const port = fc.integer({ min: 24_000, max: 24_999 }).map(String);
const host = some<Docker.HostConfig>({
  RestartPolicy: fc.constantFrom(
    { Name: "no" },
    { Name: "always" },
    { Name: "unless-stopped" },
    { Name: "on-failure", MaximumRetryCount: 3 },
  ),
  PortBindings: fc.record(
    { "8080/tcp": binding(), "53/udp": binding(), "7/tcp": fc.constant([{ HostIp: "", HostPort: "" }]) },
    { requiredKeys: [] },
  ),
  CapAdd: fc.subarray(["NET_ADMIN", "SYS_PTRACE", "SYS_TIME", "IPC_LOCK"]),
  CapDrop: fc.oneof(fc.subarray(["MKNOD", "CHOWN", "NET_RAW", "SETUID", "AUDIT_WRITE"]), fc.constant(["ALL"])),
  SecurityOpt: fc.subarray(["no-new-privileges", "seccomp=unconfined"]),
  Ulimits: fc.subarray([
    { Name: "nofile", Soft: 1000, Hard: 2000 },
    { Name: "core", Soft: 0, Hard: 0 },
    { Name: "stack", Soft: 8 * mebibyte, Hard: 16 * mebibyte },
    { Name: "msgqueue", Soft: 100_000, Hard: 200_000 },
  ]),
  Memory: fc.constantFrom(256 * mebibyte, 512 * mebibyte),
  MemoryReservation: fc.constantFrom(32 * mebibyte, 64 * mebibyte),
  NanoCpus: fc.constantFrom(500_000_000, 1_500_000_000),
  CpuShares: fc.constantFrom(2, 512, 4096),
  PidsLimit: fc.constantFrom(100, 500),
  OomScoreAdj: fc.constantFrom(100, 999),
  Sysctls: fc.constantFrom<Record<string, string>>(
    { "net.ipv4.ip_unprivileged_port_start": "80" },
    { "net.core.somaxconn": "1000", "kernel.msgmax": "9000" },
    { "kernel.shmmax": "1000000" },
  ),
  ShmSize: fc.constantFrom(mebibyte, 8 * mebibyte),
  LogConfig: fc.constantFrom(
    { Type: "json-file", Config: { "max-size": "1m", "max-file": "2" } },
    { Type: "local", Config: {} },
    { Type: "none", Config: {} },
  ),
  Dns: fc.constantFrom(["192.0.2.53"], ["192.0.2.53", "192.0.2.54"]),
  DnsSearch: fc.constantFrom(["example.org"], ["a.example", "b.example"]),
  DnsOptions: fc.constantFrom(["ndots:2"], ["timeout:1", "rotate"]),
  ExtraHosts: fc.constantFrom(["other:192.0.2.1"], ["a:192.0.2.1", "b:192.0.2.2"]),
  GroupAdd: fc.constantFrom(["44"], ["44", "app"]),
  Init: fc.boolean(),
  IpcMode: fc.constantFrom("private", "shareable", "none"),
  Devices: fc.subarray([
    { PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rwm" },
    { PathOnHost: "/dev/net/tun", PathInContainer: "/dev/net/tun", CgroupPermissions: "r" },
    { PathOnHost: "/dev/null", PathInContainer: "/dev/deep/nothing", CgroupPermissions: "rw" },
  ]),
});

function binding(): fc.Arbitrary<Docker.PortBinding[]> {
  const one = fc.record({ HostIp: fc.constantFrom("", "127.0.0.1"), HostPort: port });
  return fc.uniqueArray(one, { minLength: 1, maxLength: 2, selector: ({ HostPort }) => HostPort });
}

const destinations = ["/data", "/image/folder", "/deep/er/volume", "/with space", "/scratch"];
const mounts: fc.Arbitrary<readonly MountSpec[]> = fc.uniqueArray(
  fc
    .record({
      kind: fc.constantFrom<MountSpec["kind"]>("named", "anonymous", "bind", "tmpfs"),
      destination: fc.constantFrom(...destinations),
      readOnly: fc.boolean(),
      files: anyTree,
      labels,
    })
    .map((mount) => (mount.kind === "tmpfs" ? { ...mount, files: mount.files.filter(isCarriedInMemory) } : mount)),
  { maxLength: 4, selector: ({ destination }) => destination, size: "max" },
);

const network: fc.Arbitrary<NetworkSpec> = fc.record({
  internal: fc.boolean(),
  address: fc.option(fc.integer({ min: 100, max: 120 }), { nil: undefined }),
  aliases: fc.subarray(["database", "db.example.org", "a"]),
  labels,
  options: fc.constantFrom<Record<string, string>>({}, { "com.docker.network.driver.mtu": "1400" }),
  gateway: fc.boolean(),
  range: fc.boolean(),
});

/** `resume` refuses devices in a memory file system by name. */
function isCarriedInMemory({ kind }: FileSpec): boolean {
  return kind !== "character-device" && kind !== "block-device";
}

const anyContainer: fc.Arbitrary<ContainerSpec> = fc
  .record({
    config,
    host,
    changes: anyChanges,
    files: anyTree,
    mounts,
    networks: fc.array(network, { maxLength: 2, size: "max" }),
    besides: fc.boolean(),
    mode: fc.constantFrom("host" as const, "none" as const, undefined, undefined),
  })
  .map((spec) => ({ ...spec, changes: spec.changes.filter((change) => !takesMountPoint(change, spec.mounts)) }))
  .map((spec) =>
    spec.networks.length === 0 && spec.mode !== undefined ? inMode(spec, spec.mode) : { ...spec, mode: undefined },
  );

/** In the machine's network, or in none, a container has no ports; of the machine's network it sets nothing. */
function inMode(spec: ContainerSpec, mode: "host" | "none"): ContainerSpec {
  const { PortBindings: _ports, Sysctls: sysctls, ...host } = spec.host;
  const own = Object.entries(sysctls ?? {}).filter(([name]) => mode !== "host" || !name.startsWith("net."));
  return { ...spec, mode, host: { ...host, Sysctls: Object.fromEntries(own) }, besides: false };
}

/** A folder on which something is mounted can't be removed within the container. */
function takesMountPoint({ what, path }: ChangeSpec, mounts: readonly MountSpec[]): boolean {
  return (
    ["remove", "file", "folder"].includes(what) && mounts.some(({ destination }) => `${destination}/`.startsWith(`/${path}/`))
  );
}

/** The container that a seed stands for. */
export function containerOf(seed: number): ContainerSpec {
  return fc.sample(anyContainer, { seed, numRuns: 1 })[0]!;
}
