import type { ContainerRecord } from "../docker/engine.ts";
import type { PodmanEngine } from "./engine.ts";

// Each folder's owners, mode, time and whether it is empty.
const lookScript = `for folder in "$@"; do
  stat -c '%u:%g|%a|%y' "$folder"
  if [ -z "$(ls -A "$folder")" ]; then echo empty; else echo filled; fi
done`;

const putBackScript = `while [ $# -gt 0 ]; do
  chown "$2" "$1"; chmod "$3" "$1"
  [ "$5" = filled ] || find "$1" -mindepth 1 -delete
  touch --no-create -d "$4" "$1"
  shift 5
done`;

/**
 * Has Podman make a container ready to be started, and leaves its volumes as they are. The first time that a volume is mounted, Podman gives its
 * folder the owners, mode and time of the image's, and fills an empty one from that (libpod, container_internal: mountNamedVolume, fixVolumePermissions).
 * @throws MigrationError `engine-request-failed`, `command-failed`
 */
export async function prepareFirstStart(engine: PodmanEngine, { Id: id, Mounts: mounts }: ContainerRecord): Promise<void> {
  const { host } = engine;
  const folders = mounts.filter(({ Type: type }) => type === "volume").map(({ Source: path }) => path);
  if (folders.length === 0) return;
  const lines = (await host.script(lookScript, folders)).split("\n");
  await engine.requestOf("prepare", id, () => engine.libpod(`/containers/${id}/init`, "POST"));
  const before = folders.flatMap((folder, index) => [folder, ...lines[2 * index]!.split("|"), lines[2 * index + 1]!]);
  await host.script(putBackScript, before);
}
