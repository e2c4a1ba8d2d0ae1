import { isImageFile } from "../manifest.ts";

/**
 * What archives of podman (`container checkpoint --export`), CRI-O and containerd (the kubelet's checkpoint API) hold
 * (checkpointctl, lib/metadata.go; podman, libpod/container_internal_common.go; CRI-O, internal/lib/checkpoint.go).
 */
const documents = [
  ...["config.dump", "spec.dump", "status.dump", "status", "network.status", "deleted.files", "bind.mounts"],
  ...["pod.options", "pod.dump", "io.kubernetes.cri-o.LogPath"],
];
/** The writable layer. */
export const foreignLayerName = "rootfs-diff.tar";
/** What lay in /dev/shm, which podman makes outside of the container: CRIU's images don't have it. */
export const sharedMemoryName = "devshm-checkpoint.tar";
const others = ["stats-dump", "dump.log", "restore.log", "ctr.log", "container.log", sharedMemoryName, foreignLayerName];

export const foreignImagesFolder = "checkpoint";
const folders = [foreignImagesFolder, "volumes", "artifacts"];

export type ForeignKind = "folder" | "document" | "image" | "other";

/** @returns undefined when those archives have no such member */
export function foreignKind(name: string, isFolder: boolean): ForeignKind | undefined {
  if (isFolder) return folders.includes(name) ? "folder" : undefined;
  if (documents.includes(name)) return "document";
  if (others.includes(name)) return "other";
  const [folder, file = "", ...more] = name.split("/");
  if (more.length > 0) return undefined;
  if (folder === foreignImagesFolder && (isImageFile(file) || file === "dump.log")) return "image";
  return folder === "volumes" && /^[a-zA-Z0-9][a-zA-Z0-9_.-]*\.tar$/.test(file) ? "other" : undefined;
}

/** Whether a member is the first of such an archive, rather than of one that isn't known. */
export function looksForeign(name: string, isFolder: boolean): boolean {
  return foreignKind(name.replace(/^\.\//, "").replace(/\/$/, ""), isFolder) !== undefined || (isFolder && /^\.\/?$/.test(name));
}
