import type { Strategy } from "../src/compatibility/strategy.ts";
import type { ContainerState } from "./record.ts";

/** The name of a field: its parts, which may have dots and slashes in them. */
export type Field = readonly string[];

/** One field on both machines. */
export interface FieldValues {
  /** Undefined where it is not there. */
  readonly before: unknown;
  readonly after: unknown;
  readonly field: Field;
  readonly source: ContainerState;
  readonly strategy: Strategy;
}

/** What differs between a container on the source and the same one on the target, by nature. */
export interface Difference {
  /** Parts with spaces between them; `*` stands for any one part, `**` for any number of them. */
  readonly fields: readonly string[];
  readonly why: string;
  /** When it may differ, and what must hold all the same. Default: anything goes. */
  readonly holds?: (values: FieldValues) => boolean;
}

const isAnonymous = (value: unknown) => /^(.*\/)?[0-9a-f]{64}(\/_data)?$/.test(`${value}`);

/** All of it. The table in docs/support.md is made from this. */
export const differences: readonly Difference[] = [
  {
    fields: ["inspect Id", "inspect Created", "inspect ExecIDs", "inspect ExecIDs *"],
    why: "It is another container, made at another time.",
  },
  {
    fields: ["inspect State Pid", "inspect State StartedAt", "inspect State Health **"],
    why: "Its first process has another id outside of the container and was started at another time; its health is asked for anew.",
  },
  {
    fields: [
      ...["inspect ResolvConfPath", "inspect HostnamePath", "inspect HostsPath", "inspect LogPath", "inspect GraphDriver Data *"],
      ...["inspect NetworkSettings SandboxID", "inspect NetworkSettings SandboxKey", "inspect NetworkSettings EndpointID"],
      ...["inspect NetworkSettings Networks * EndpointID", "inspect NetworkSettings Networks * NetworkID"],
      ...["networks * Id", "networks * Created", "networks * Containers * EndpointID"],
    ],
    why: "Docker's own ids, and paths in which it keeps the container.",
  },
  {
    fields: ["inspect Config Labels migrate-container.move", "networks * Labels migrate-container.move"],
    why: "The move's id, by which `recover` finds what the move has made.",
    holds: ({ before }) => before === undefined,
  },
  {
    fields: ["inspect HostConfig Runtime"],
    why: "The runtime that resumes or restores it at its first start, and later starts it as any other.",
    holds: ({ after }) => /^migrate-container(-restore)?$/.test(`${after}`),
  },
  {
    fields: ["inspect Mounts * Name", "inspect Mounts * Source", "volumes * Name", "volumes * Mountpoint"],
    why: "Docker gives a volume that has no name a new one on each machine.",
    holds: ({ before, after }) => isAnonymous(before) && isAnonymous(after),
  },
  {
    fields: ["inspect Mounts * Source", "volumes * Mountpoint"],
    why: "The folder in which Docker keeps its volumes is the machine's own.",
    holds: ({ before, after }) => nameOfVolume(before) !== undefined && nameOfVolume(before) === nameOfVolume(after),
  },
  {
    fields: ["volumes * Labels", "volumes * Labels com.docker.volume.anonymous"],
    why: "Newer versions of Docker label volumes that have no name.",
    holds: ({ before, after }) => (before === null && after === undefined) || before === undefined,
  },
  {
    fields: ["volumes * CreatedAt"],
    why: "The volume was made at another time.",
  },
  {
    fields: ["inspect NetworkSettings Ports * * HostPort"],
    why: "Where the user chose no port of the machine, Docker does.",
    holds: ({ field, source }) => chosenPorts(source, field[3]!).includes(""),
  },
  {
    fields: [
      ...["IPAddress", "MacAddress"].map((name) => `inspect NetworkSettings Networks * ${name}`),
      ...["IPv4Address", "MacAddress"].map((name) => `networks * Containers * ${name}`),
    ],
    why: "Where the user chose no address in a network, Docker does, and a MAC address made of it.",
    holds: ({ field, source }) => !hasChosenAddress(source, field[0] === "networks" ? field[1]! : field[3]!),
  },
  {
    fields: [
      ...["IPAddress", "MacAddress", "Gateway", "IPPrefixLen"].flatMap((name) => [
        `inspect NetworkSettings ${name}`,
        `inspect NetworkSettings Networks bridge ${name}`,
      ]),
    ],
    why: "The addresses of Docker's default network are the machine's own.",
  },
  {
    fields: [
      ...[
        ".dockerenv",
        "dev",
        "dev/console",
        "dev/pts",
        "dev/shm",
        "etc",
        "etc/hostname",
        "etc/hosts",
        "etc/mtab",
        "etc/resolv.conf",
      ],
      ...["proc", "sys"],
    ].map((path) => `files / ${path} modified`),
    why: "Docker makes these folders and empty files itself for each container, right above its image.",
  },
  {
    fields: ["files / . modified", "files / tmp modified"],
    why: "CRIU makes a folder there for a moment while it dumps a memory file system: in /tmp, or where there is none, in /.",
    holds: ({ strategy }) => strategy !== "replatform",
  },
  {
    fields: ["files * * modified"],
    why: "CRIU keeps the times of files in memory file systems in whole seconds.",
    holds: ({ before, after, field, source }) => isInMemory(source, field[1]!) && wholeSeconds(before) === wholeSeconds(after),
  },
  {
    fields: ["files * * attributes *"],
    why: "CRIU keeps neither extended attributes nor access lists of files in memory file systems.",
    holds: ({ after, field, source }) => isInMemory(source, field[1]!) && after === undefined,
  },
  {
    fields: ["inspect NetworkSettings Networks * Gateway"],
    why: "Since version 25 Docker gives containers no gateway in an internal network.",
    holds: ({ after, field, source }) => after === "" && isInternal(source, field[3]!),
  },
  {
    fields: ["inspect HostConfig NetworkMode"],
    why: "Since version 26 Docker calls its default network `bridge`.",
    holds: ({ before, after }) => before === "default" && after === "bridge",
  },
  {
    fields: [
      ...["inspect HostConfig KernelMemory", "inspect HostConfig KernelMemoryTCP", "inspect NetworkSettings Networks * DNSNames"],
      ...["inspect NetworkSettings Networks * DNSNames *"],
    ],
    why: "Only some versions of Docker have the field.",
    holds: ({ before, after }) => before === undefined || after === undefined,
  },
  {
    fields: ["inspect HostConfig MaskedPaths *", "inspect HostConfig ReadonlyPaths *"],
    why: "What the target's Docker hides of /proc and /sys by itself, which may be more.",
    holds: ({ before, after }) => before === undefined && typeof after === "string",
  },
  {
    fields: ["inspect HostConfig MemorySwap", "inspect HostConfig OomKillDisable"],
    why: "A limit that the target's kernel does not have (of swap, without accounting; of the OOM killer, in cgroups of version 2), its Docker leaves out.",
    holds: ({ after }) => after === -1 || after === null,
  },
  {
    fields: ["texts /etc/resolv.conf"],
    why: "Name servers and domains that the container was not made with are those of the machine.",
    holds: ({ source }) => !hasOwnNameServers(source),
  },
  {
    fields: ["texts /etc/hosts"],
    why: "In its machine's network (`--network host`) a container has the names that the machine has.",
    holds: ({ source }) => (source.inspect as Inspected).HostConfig.NetworkMode === "host",
  },
  {
    fields: ["files * **"],
    why: "`replatform` starts the program anew, with empty memory file systems.",
    holds: ({ field, source, strategy }) => strategy === "replatform" && isInMemory(source, field[1]!),
  },
];

function nameOfVolume(path: unknown): string | undefined {
  return /\/volumes\/([^/]+)\/_data$/.exec(`${path}`)?.[1];
}

interface Inspected {
  readonly HostConfig: {
    readonly NetworkMode: string;
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostPort: string }[]>> | null;
    readonly Tmpfs: Readonly<Record<string, string>> | null;
    readonly Dns: readonly string[] | null;
    readonly DnsSearch: readonly string[] | null;
    readonly DnsOptions: readonly string[] | null;
  };
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAMConfig: { readonly IPv4Address?: string } | null }>>;
  };
}

function chosenPorts({ inspect }: ContainerState, port: string): string[] {
  return ((inspect as Inspected).HostConfig.PortBindings?.[port] ?? []).map(({ HostPort }) => HostPort);
}

function wholeSeconds(moment: unknown): string {
  return `${moment}`.replace(/\..*/, "");
}

function isInMemory({ inspect }: ContainerState, folder: string): boolean {
  return (inspect as Inspected).HostConfig.Tmpfs?.[folder] !== undefined;
}

function hasChosenAddress({ inspect }: ContainerState, network: string): boolean {
  return Boolean((inspect as Inspected).NetworkSettings.Networks[network]?.IPAMConfig?.IPv4Address);
}

function isInternal({ networks }: ContainerState, network: string): boolean {
  return (networks[network] as { readonly Internal?: boolean } | undefined)?.Internal === true;
}

function hasOwnNameServers({ inspect }: ContainerState): boolean {
  const { Dns, DnsSearch, DnsOptions } = (inspect as Inspected).HostConfig;
  return [Dns, DnsSearch, DnsOptions].every((list) => (list ?? []).length > 0);
}

/** The list as a table of docs/support.md. */
export function differencesTable(): string {
  const rows = differences.map(({ fields, why }) => `| ${fields.map((field) => `\`${field}\``).join(", ")} | ${why} |`);
  return `| fields | why |\n|---|---|\n${rows.join("\n")}\n`;
}
