import { buffer } from "node:stream/consumers";
import { MigrationError } from "../../errors.ts";
import type { DockerEngine } from "./engine.ts";
import { splitFrames } from "./output-frames.ts";

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a running container and waits for its end. */
export async function exec(
  engine: DockerEngine,
  id: string,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<ExecResult> {
  const cancel = signal === undefined ? {} : { abortSignal: signal };
  const session = await engine.requestOf("run a program in", id, (container) =>
    container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, ...cancel }),
  );
  const bytes = await engine.requestOf("run a program in", id, async () =>
    buffer(await session.start({ hijack: false, stdin: false, ...cancel })),
  );
  const { ExitCode: exitCode } = await engine.requestOf("run a program in", id, () => session.inspect());
  const { stdout, stderr } = splitFrames(bytes);
  // The runtime's answer to a missing program: status 126 or 127 and its own message in place of the program's output.
  if ((exitCode === 126 || exitCode === 127) && /OCI runtime exec failed/.test(stdout + stderr)) {
    throw new MigrationError("command-not-found", `container \`${id}\` has no program \`${command[0] ?? ""}\``, {
      host: engine.host.name,
      details: { stderr: (stdout + stderr).trim() },
    });
  }
  return { exitCode: exitCode ?? -1, stdout, stderr };
}
