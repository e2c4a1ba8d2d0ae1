import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Has the tool keep its state in a folder of the test's own, until the scope ends. */
export async function useStateFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const before = process.env.XDG_STATE_HOME;
  const path = await mkdtemp(join(tmpdir(), "state-"));
  process.env.XDG_STATE_HOME = path;
  return {
    path,
    async [Symbol.asyncDispose]() {
      if (before === undefined) delete process.env.XDG_STATE_HOME;
      else process.env.XDG_STATE_HOME = before;
      await rm(path, { recursive: true, force: true });
    },
  };
}
