import type { ContainerRecord } from "./engine.ts";

/** Where a container was made with memory file systems of its own: `--tmpfs /run`, `--mount type=tmpfs,destination=/run`. */
export function memoryFoldersOf({ HostConfig, Mounts }: Pick<ContainerRecord, "HostConfig" | "Mounts">): string[] {
  const mounted = Mounts.filter(({ Type }) => Type === "tmpfs").map(({ Destination }) => Destination);
  return [...new Set([...Object.keys(HostConfig.Tmpfs ?? {}), ...mounted])];
}
