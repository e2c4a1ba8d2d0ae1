import type { DockerEngine } from "./engine.ts";
import { splitFrames } from "./output-frames.ts";

/** The last `tail` lines that a container wrote. Empty where its log driver keeps nothing. */
export async function readLogs(engine: DockerEngine, id: string, tail: number): Promise<string> {
  const { Config: config, HostConfig: host } = await engine.inspect(id);
  // Docker refuses to read these.
  if (host.LogConfig?.Type === "none") return "";
  const bytes = await engine.requestOf("read the logs of", id, (container) =>
    container.logs({ stdout: true, stderr: true, tail, follow: false }),
  );
  // A terminal has one stream, which Docker passes on without frames.
  return config.Tty ? bytes.toString() : splitFrames(bytes).both;
}
