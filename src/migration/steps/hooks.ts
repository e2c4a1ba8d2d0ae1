import { MigrationError } from "../../errors.ts";
import type { Move, Side } from "../move.ts";

/** Has the program put down its state before the freeze ("save to disk"), by the user's command. */
export async function runHookBefore({ source, container, options, signal }: Move): Promise<string> {
  return await runHook("before the freeze", options.hookBefore, source, container.Id, signal);
}

/** Runs the user's command in the container that was started anew. */
export async function runHookAfter({ target, targetContainerId, options, signal }: Move): Promise<string> {
  return await runHook("after the start", options.hookAfter, target, targetContainerId!, signal);
}

async function runHook(
  when: string,
  command: readonly string[] | undefined,
  { engine, host }: Side,
  id: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (command === undefined) return "no hook";
  const { exitCode, stdout, stderr } = await engine.exec(id, command, signal);
  if (exitCode === 0) return `\`${command.join(" ")}\` passed`;
  throw new MigrationError("hook-failed", `the hook ${when}, \`${command.join(" ")}\`, ended with status ${exitCode}`, {
    host: host.name,
    remedy: "Mend the command; see its output in the details (`--verbose`).",
    details: { stdout, stderr },
  });
}
