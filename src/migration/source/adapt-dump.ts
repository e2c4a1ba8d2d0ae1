import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { foreignStdio } from "../../checkpoint/archive/foreign/stdio.ts";
import { writeSumsScript } from "../../criu/images/image-sums.ts";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import type { ContainerRecord, DockerEngine } from "../../engine/docker/engine.ts";
import { openLocalHost } from "../../host/local.ts";
import { adaptImages } from "../restore/foreign/images.ts";
import { sharedMemory } from "../restore/foreign/mounts.ts";

// Podman mounts /dev/shm from outside, so CRIU leaves its files out.
const packScript = `cd "/proc/$1/root$2" && exec tar --create --sparse --numeric-owner --one-file-system --file=- .`;

/**
 * Makes the dump of another engine's frozen container, which is on this machine, one of Docker's; those of others stay as they are.
 * @param container as Docker would have it
 * @throws MigrationError `cannot-carry`, `image-corrupt`, `command-failed`, `cancelled`
 */
export async function adaptDump(
  { name, host }: DockerEngine,
  container: ContainerRecord,
  imageDirectory: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (name !== "podman") return;
  await using here = openLocalHost();
  const sharedMemoryTar = `${imageDirectory}-shm.tar`;
  const pack = ["sh", "-euc", packScript, "sh", String(container.State.Pid), sharedMemory];
  await pipeline(host.stream(pack, { signal }), createWriteStream(sharedMemoryTar, { mode: 0o600 }));
  using images = await openCheckpoint(imageDirectory);
  await adaptImages(images, {
    engineStdio: await foreignStdio(images),
    sharedMemoryTar,
    maskedPaths: container.HostConfig.MaskedPaths ?? [],
    mounted: container.Mounts.map(({ Destination: destination }) => destination),
  });
  await rm(sharedMemoryTar);
  await here.script(writeSumsScript, [imageDirectory], { signal });
}
