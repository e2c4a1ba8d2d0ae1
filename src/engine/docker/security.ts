import type { ContainerRecord } from "./engine.ts";

/** How many seccomp filters Docker gives to a container: its profile is one. */
export function engineFiltersOf({ HostConfig }: Pick<ContainerRecord, "HostConfig">): number {
  const options: readonly string[] = HostConfig.SecurityOpt ?? [];
  const unconfined = options.some((option) => /^seccomp[=:]unconfined$/.test(option));
  return HostConfig.Privileged === true || unconfined ? 0 : 1;
}
