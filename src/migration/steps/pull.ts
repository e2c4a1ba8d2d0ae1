import { pullImage } from "../../engine/docker/pull-image.ts";
import { type Arrival, willMake } from "../move.ts";

/** Has the target fetch an image by its name; one that it had under that name before stays when the move is undone. @param platform `linux/arm64` */
export async function pull(move: Arrival, name: string, platform: string): Promise<void> {
  const { engine } = move.target;
  if (!(await engine.hasImage(name))) await willMake(move, { object: "pulled-image", name });
  await pullImage(engine, name, platform, {
    onProgress: (bytes) => move.progress("send-image", bytes, undefined),
    signal: move.signal,
  });
}
