import { MigrationError, messageOf } from "../../errors.ts";
import type { DockerEngine } from "./engine.ts";
import type { LoadOptions } from "./image-load.ts";

interface PullProgress {
  readonly id?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number };
}

/**
 * Has an engine fetch an image from the registry that its name names.
 * @param platform `linux/arm64`
 * @throws MigrationError `image-not-available`, `engine-unavailable`, `cancelled`
 */
export async function pullImage(
  engine: DockerEngine,
  name: string,
  platform: string,
  { onProgress, signal }: LoadOptions = {},
): Promise<void> {
  try {
    const cancel = signal === undefined ? {} : { abortSignal: signal };
    const stream = await engine.client.pull(name, { platform, ...cancel });
    const layers = new Map<string, number>();
    await new Promise<void>((resolve, reject) => {
      engine.client.modem.followProgress(
        stream,
        (error) => (error === null ? resolve() : reject(error)),
        ({ id, error, progressDetail }: PullProgress) => {
          if (error !== undefined) reject(new Error(error));
          if (id === undefined || progressDetail?.current === undefined) return;
          layers.set(id, Math.max(layers.get(id) ?? 0, progressDetail.current));
          onProgress?.([...layers.values()].reduce((sum, bytes) => sum + bytes, 0));
        },
      );
    });
  } catch (cause) {
    if (signal?.aborted)
      throw new MigrationError("cancelled", "pulling the image was cancelled", { host: engine.host.name, cause });
    throw new MigrationError("image-not-available", `${name} can't be had for ${platform}: ${messageOf(cause)}`, {
      host: engine.host.name,
      remedy:
        "Give an image for that machine: --image with a name that its Docker has or can pull, or --image-archive with a file of `docker save`.",
      cause,
    });
  }
}
