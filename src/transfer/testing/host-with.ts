import { execFileSync } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host, RunOptions } from "../../host/host.ts";
import { openLocalHost } from "../../host/local.ts";

export interface Tools {
  /** This machine's own. */
  readonly programs: readonly string[];
  /** Those of busybox. Default: none. */
  readonly applets?: readonly string[];
}

/** This machine, whose scripts find these programs only, beside `sh` and `cut`. */
export async function hostWith({ programs, applets = [] }: Tools): Promise<AsyncDisposable & { readonly host: Host }> {
  const folder = await mkdtemp(join(tmpdir(), "tools-"));
  const which = (program: string) => execFileSync("which", [program], { encoding: "utf8" }).trim();
  for (const program of new Set([...programs, "sh", "cut"])) await symlink(which(program), join(folder, program));
  for (const applet of applets) await symlink(which("busybox"), join(folder, applet));
  const local = openLocalHost();
  const host: Host = Object.assign(Object.create(local), {
    script: (text: string, parameters?: readonly string[], options?: RunOptions) =>
      local.script(`PATH=${folder}; ${text}`, parameters, options),
    stream: (command: readonly string[], options: RunOptions = {}) =>
      local.stream(command, { ...options, environment: { ...options.environment, PATH: folder } }),
  });
  return { host, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
