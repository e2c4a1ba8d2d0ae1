import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import type { DockerEngine } from "../src/engine/docker/engine.ts";
import type { ContainerSpec, MountSpec, NetworkSpec } from "./container-spec.ts";
import { image } from "./image.ts";
import { makeTree } from "./make-tree.ts";

/** A name of its own, so that several runs don't disturb each other. Its volumes and networks begin with it. */
export const container = `migrate-container-random-${process.pid}`;
/** Folders of bind mounts lie in it, on both machines. */
const bindFolder = `/tmp/${container}`;

const subnet = (index: number) => `10.${224 + (process.pid % 7)}.${((process.pid >> 3) % 100) * 2 + index}`;
const networkName = (index: number) => `${container}-${index}`;

/** Makes a container with its volumes, networks and files, and starts it. */
export async function startContainer(engine: DockerEngine, spec: ContainerSpec): Promise<void> {
  for (const [index, network] of spec.networks.entries()) await makeNetwork(engine, network, index);
  for (const [index, mount] of spec.mounts.entries()) await prepareMount(engine, mount, index);
  const made = await engine.client.createContainer(requestFor(spec));
  for (const [index, network] of spec.networks.entries()) {
    if (index === 0) continue;
    await engine.client.getNetwork(networkName(index)).connect({ Container: made.id, EndpointConfig: endpoint(network, index) });
  }
  if (spec.besides && spec.networks.length > 0) await engine.client.getNetwork("bridge").connect({ Container: made.id });
  await made.start();
  const { GraphDriver, Mounts, State } = await engine.inspect(made.id);
  await makeTree((GraphDriver.Data as unknown as { MergedDir: string }).MergedDir, spec);
  for (const { kind, destination, files } of spec.mounts) {
    if (kind === "tmpfs") await makeTree(`/proc/${State.Pid}/root${destination}`, { files });
    const source = Mounts.find((mount) => mount.Destination === destination)?.Source;
    if (kind !== "tmpfs") await makeTree(source!, { files, root: true });
  }
}

/** Removes the container and all that was made for it from a machine, wherever it was moved to. */
export async function removeContainer({ host }: DockerEngine): Promise<void> {
  await host.script(
    `docker rm --force --volumes "$1" >/dev/null 2>&1 || true
     docker volume ls --quiet --filter "name=$1-" | xargs -r docker volume rm --force >/dev/null
     docker network ls --quiet --filter "name=$1-" | xargs -r docker network rm >/dev/null
     rm -rf "$2"`,
    [container, bindFolder],
  );
}

function requestFor({ config, host, mounts, networks, mode: named }: ContainerSpec): Docker.ContainerCreateOptions {
  const [first] = networks;
  const network = first === undefined ? named : networkName(0);
  const mode = network === undefined ? {} : { NetworkMode: network };
  const endpoints =
    first === undefined ? {} : { NetworkingConfig: { EndpointsConfig: { [networkName(0)]: endpoint(first, 0) } } };
  const anonymous = mounts.filter(({ kind }) => kind === "anonymous").map(({ destination }) => [destination, {}]);
  const binds = mounts.flatMap(({ kind, destination, readOnly }, index) =>
    kind === "named" || kind === "bind" ? [`${mountSource(kind, index)}:${destination}${readOnly ? ":ro" : ""}`] : [],
  );
  const memory = mounts.filter(({ kind }) => kind === "tmpfs").map(({ destination }) => [destination, "rw,size=32m,mode=1770"]);
  return {
    ...config,
    name: container,
    Image: image,
    Volumes: Object.fromEntries(anonymous),
    HostConfig: { ...host, ...mode, Binds: binds, Tmpfs: Object.fromEntries(memory) },
    ...endpoints,
  };
}

function mountSource(kind: MountSpec["kind"], index: number): string {
  return kind === "bind" ? join(bindFolder, `bind${index}`) : `${container}-${index}`;
}

async function prepareMount(engine: DockerEngine, { kind, labels }: MountSpec, index: number): Promise<void> {
  const source = mountSource(kind, index);
  if (kind === "bind") await mkdir(source, { recursive: true });
  if (kind === "named") await engine.createVolume(source, labels);
}

function endpoint({ address, aliases }: NetworkSpec, index: number): Docker.EndpointSettings {
  const chosen = address === undefined ? {} : { IPAMConfig: { IPv4Address: `${subnet(index)}.${address}` } };
  return { ...chosen, Aliases: [...aliases] };
}

async function makeNetwork(engine: DockerEngine, spec: NetworkSpec, index: number): Promise<void> {
  const base = subnet(index);
  await engine.client.createNetwork({
    Name: networkName(index),
    Internal: spec.internal,
    Labels: { ...spec.labels },
    Options: { ...spec.options },
    IPAM: {
      Driver: "default",
      Config: [
        {
          Subnet: `${base}.0/24`,
          ...(spec.gateway ? { Gateway: `${base}.7` } : {}),
          ...(spec.range ? { IPRange: `${base}.64/26` } : {}),
        },
      ],
    },
  });
}
