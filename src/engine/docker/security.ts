import type { ContainerRecord } from "./engine.ts";

/** How many seccomp filters Docker gives to a container: its profile is one. */
export function engineFiltersOf({ HostConfig }: Pick<ContainerRecord, "HostConfig">): number {
  const options: readonly string[] = HostConfig.SecurityOpt ?? [];
  const unconfined = options.some((option) => /^seccomp[=:]unconfined$/.test(option));
  return HostConfig.Privileged === true || unconfined ? 0 : 1;
}

/** The capabilities that Docker gives to every container, without `CAP_` (moby, oci/caps/defaults.go). */
export const defaultCapabilities: readonly string[] = [
  ...["CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID"],
  ...["SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"],
];
