import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { MigrationError } from "../errors.ts";
import { lockFile } from "./state-paths.ts";

/**
 * Claims a container for one move on this machine.
 * @returns what gives it free again
 * @throws MigrationError `already-migrating` when another move that is still running has it
 */
export async function lockContainer(containerId: string, name: string): Promise<AsyncDisposable> {
  const path = lockFile(containerId);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      const file = await open(path, "wx", 0o600);
      await file.writeFile(String(process.pid));
      await file.close();
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const owner = Number(await readFile(path, "utf8").catch(() => ""));
    if (isAlive(owner)) {
      throw new MigrationError(
        "already-migrating",
        `container \`${name}\` is being moved by another run of this tool (process ${owner})`,
        {
          host: "local",
          remedy: "Wait for it, or interrupt it (it then rolls back).",
        },
      );
    }
    await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
