import type Docker from "dockerode";
import type { ContainerRecord, DockerEngine } from "../src/engine/docker/engine.ts";
import { userNetworks } from "../src/engine/docker/networks.ts";
import { container } from "./start.ts";
import { readTree, type TreeRecord } from "./tree-record.ts";

/** All that is compared of a container and of what is around it, on one machine. */
export interface ContainerState {
  /** `docker inspect`; its mounts by their destinations. */
  readonly inspect: unknown;
  /** `docker network inspect` of the networks that it is in. */
  readonly networks: Readonly<Record<string, unknown>>;
  /** `docker volume inspect`, by the destinations. */
  readonly volumes: Readonly<Record<string, unknown>>;
  /** What is in the container's own file system and in each of its mounts, by where they are mounted. */
  readonly files: Readonly<Record<string, TreeRecord>>;
  /** What Docker writes for the container: `/etc/hosts` and its like. */
  readonly texts: Readonly<Record<string, string>>;
}

const textFiles = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];

/** Reads all of it from the container that runs on the engine's machine. @throws MigrationError as the engine and the host */
export async function readState(engine: DockerEngine): Promise<ContainerState> {
  const { host, client } = engine;
  const record = await engine.inspect(container);
  const root = `/proc/${record.State.Pid}/root`;
  const merged = (record.GraphDriver.Data as unknown as { MergedDir: string }).MergedDir;
  const files: Record<string, TreeRecord> = { "/": await readTree(host, merged, "count") };
  const memory = Object.keys(record.HostConfig.Tmpfs ?? {});
  for (const folder of memory) files[folder] = await readTree(host, `${root}${folder}`);
  const volumes: Record<string, unknown> = {};
  for (const { Type, Name, Destination, Source } of record.Mounts) {
    files[Destination] = await readTree(host, Source);
    if (Type === "volume") volumes[Destination] = await client.getVolume(Name!).inspect();
  }
  const networks: Record<string, unknown> = {};
  for (const [name] of userNetworks(record)) networks[name] = byNames(await client.getNetwork(name).inspect());
  const texts: Record<string, string> = {};
  for (const file of textFiles) texts[file] = comparableText(record, await host.must(["cat", `${root}${file}`]));
  return { inspect: comparable(record), networks, volumes, files, texts };
}

/**
 * The record, without what is in no order of its own: mounts by their destinations, aliases sorted. Docker adds the short id and the host name
 * to them, which are compared by themselves.
 */
function comparable(record: ContainerRecord): unknown {
  const added = [record.Id.slice(0, 12), record.Config.Hostname];
  const endpoints = Object.entries(record.NetworkSettings.Networks).map(([name, endpoint]) => {
    const aliases = (endpoint.Aliases as string[] | null) ?? [];
    return [name, { ...endpoint, Aliases: aliases.filter((alias) => !added.includes(alias)).toSorted() }];
  });
  return {
    ...record,
    Mounts: Object.fromEntries(record.Mounts.map((mount) => [mount.Destination, mount])),
    NetworkSettings: { ...record.NetworkSettings, Networks: Object.fromEntries(endpoints) },
  };
}

/** The containers that are in a network, by their names. */
function byNames(network: Docker.NetworkInspectInfo): unknown {
  const containers = Object.values(network.Containers ?? {}).map((each) => [each.Name, each]);
  return { ...network, Containers: Object.fromEntries(containers) };
}

/**
 * A text without comments whose lines are sorted, and where the container's addresses are the names of their networks: whether the addresses are the same, the record tells,
 * and Docker writes the lines of several networks in any order.
 */
function comparableText({ NetworkSettings }: ContainerRecord, text: string): string {
  const addresses = Object.entries(NetworkSettings.Networks).map(([name, { IPAddress }]) => [IPAddress, name]);
  const names = new Map(addresses as [string, string][]);
  const said = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const lines = said.map((line) => line.replace(/^[^\t]+(?=\t)/, (address) => names.get(address) ?? address));
  return lines.toSorted().join("\n");
}
