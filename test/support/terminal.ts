import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";

/**
 * Sits down at a terminal: runs a program that shows it, and types lines, each when the answer to the one before has been shown.
 * @param command a program that needs no terminal of its own: `ssh -tt …`, `script --command …`
 * @returns all that was shown
 */
export async function typeLines(
  command: readonly [string, ...string[]],
  lines: readonly (readonly [line: string, answer: RegExp])[],
): Promise<string> {
  const [program, ...parameters] = command;
  const child = spawn(program, parameters, { stdio: ["pipe", "pipe", "inherit"] });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  try {
    const deadline = performance.now() + 30_000;
    for (const [line, answer] of lines) {
      child.stdin.write(line);
      while (!answer.test(shown)) {
        if (performance.now() > deadline || child.exitCode !== null) throw new Error(`no ${answer} in ${JSON.stringify(shown)}`);
        await setTimeout(50);
      }
    }
    return shown;
  } finally {
    child.kill();
  }
}
