import { createHash } from "node:crypto";
import type { DockerEngine } from "./engine.ts";

/**
 * The ids by which Docker knows layers on top of each other: the first is its own digest, each next one the digest of "<id
 * below> <digest>". https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
 * @param diffIds `sha256:…` of the uncompressed layers, from the base up
 */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : `sha256:${createHash("sha256").update(`${below} ${diffId}`).digest("hex")}`);
  }
  return chain;
}

/** The chain ids of all the layers of all the images on an engine. */
export async function presentChainIds(engine: DockerEngine): Promise<Set<string>> {
  const images = await engine.request("list images", (client) => client.listImages({ all: true }));
  const present = new Set<string>();
  for (const { Id: id } of images) {
    const { RootFS: files } = await engine.inspectImage(id);
    for (const chainId of chainIds(files.Layers ?? [])) present.add(chainId);
  }
  return present;
}
