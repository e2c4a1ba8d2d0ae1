import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseRuntimes } from "../../compatibility/reading/runtimes.ts";
import { findCriu } from "../../criu/bundle/find-criu.ts";
import { messageOf } from "../../errors.ts";
import { openLocalHost } from "../../host/local.ts";
import { dumpScript } from "./dump-script.ts";
import { tinyBundle } from "./tiny-container.ts";

/** A tiny container that was dumped on this machine. The folder, with all that is put into it, is gone when it is disposed of. */
export interface TinyDump extends AsyncDisposable {
  /** `images/`, `rootfs/`, `config.json`. */
  readonly folder: string;
  readonly ticks: number;
}

/**
 * Runs a tiny x86_64 container on this machine and dumps it.
 * @returns why it can't be done here, where it can't
 */
export async function dumpHere(signal?: AbortSignal): Promise<TinyDump | string> {
  if (process.arch !== "x64") return "this machine is not x86_64";
  if (process.getuid?.() !== 0) return "this is not run as root here";
  const criu = await findCriu();
  if (criu === undefined) return "this machine has no CRIU (`migrate-container setup`)";
  await using host = openLocalHost();
  const found = await host.script('path=$(command -v runc) && echo "$path $(runc --version | head -n 1)"; true', [], { signal });
  const [runc] = parseRuntimes(found);
  if (runc === undefined) return "this machine has no runc";
  const parent = await mkdtemp(join(tmpdir(), "migrate-container-trial-"));
  const remove = () => rm(parent, { recursive: true, force: true });
  try {
    const folder = join(parent, "tiny");
    const id = `migrate-container-trial-${crypto.randomUUID()}`;
    const output = await host.script(dumpScript, [folder, runc.path, dirname(criu.program), id, "dump"], {
      input: tinyBundle("x86_64", id),
      signal,
    });
    return { folder, ticks: Number(/dumped (\d+)/.exec(output)?.[1]), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    if (signal?.aborted) throw error;
    return `a container could not be dumped on this machine: ${messageOf(error)}`;
  }
}
