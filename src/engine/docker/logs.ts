import type { DockerEngine } from "./engine.ts";
import { splitFrames } from "./output-frames.ts";

/** The last `tail` lines that a container wrote. */
export async function readLogs(engine: DockerEngine, id: string, tail: number): Promise<string> {
  const { Config: config } = await engine.inspect(id);
  const bytes = await engine.requestOf("read the logs of", id, (container) =>
    container.logs({ stdout: true, stderr: true, tail, follow: false }),
  );
  // A terminal has one stream, which Docker passes on without frames.
  return config.Tty ? bytes.toString() : splitFrames(bytes).both;
}
