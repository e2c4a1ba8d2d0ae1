import type { ContainerRecord, EngineObstacle } from "../docker/engine.ts";
import type { EngineInfo } from "../docker/info.ts";
import type { PodmanDetails } from "./details.ts";

/** Names the systemd unit of a container, also of those that Quadlet makes (podman-generate-systemd(1)). */
const unitLabel = "PODMAN_SYSTEMD_UNIT";

/**
 * What of Podman's containers can't be moved. A container that is ended by force may be started anew: by its restart policy, which Podman
 * before 5.1 can't change (`podman update --restart`), or by systemd; there would be two then.
 */
export function podmanObstacles(
  { HostConfig: host, Config: config, Driver: driver }: ContainerRecord,
  { pod, hasInit, secrets, runtime }: PodmanDetails,
  {
    securityOptions,
    nativeOverlay,
    lacksCriu,
  }: Pick<EngineInfo, "securityOptions" | "nativeOverlay"> & { readonly lacksCriu: boolean },
): EngineObstacle[] {
  const policy = host.RestartPolicy?.Name ?? "no";
  const unit = config.Labels?.[unitLabel];
  const all: (EngineObstacle | false)[] = [
    securityOptions.has("rootless") && {
      seen: "its Podman is rootless: its user ids are not those of the machine",
      remedy: "Make the container with root's Podman (`sudo podman`).",
    },
    pod !== "" && {
      seen: `it is in the pod ${pod.slice(0, 12)}`,
      remedy: "Make it outside of a pod: what the pod's containers share stays here.",
    },
    hasInit && {
      seen: "it has Podman's init program (--init), which is a file of this machine",
      remedy: "Make the container without `--init`, with such a program in its image (`tini`).",
    },
    secrets.length > 0 && {
      seen: `it has secrets (--secret): ${secrets.join(", ")}`,
      remedy: "Give it their contents in another way: Docker knows none for a single container.",
    },
    lacksCriu && {
      seen: `its runtime ${runtime} was built without CRIU`,
      remedy: "Make the container with another (`podman --runtime runc run`), or use a crun that says +CRIU in `crun --version`.",
      ofMemory: true,
    },
    policy !== "no" && {
      seen: `its restart policy is ${policy}: Podman would start it again here`,
      remedy: "Make the container without `--restart`.",
    },
    unit !== undefined && {
      seen: `the systemd unit ${unit} keeps it: systemd would start it again here`,
      remedy: "Make the container without systemd (`podman run`).",
    },
    driver === "overlay2" &&
      nativeOverlay === false && {
        seen: "its Podman's overlay keeps more than whole files in a container's directory (metacopy, redirect_dir or fuse-overlayfs)",
        remedy:
          "Leave `metacopy=on` and `mount_program` out of storage.conf; images and containers have to be made anew then (`podman system reset`).",
      },
  ];
  return all.filter((obstacle) => obstacle !== false);
}
