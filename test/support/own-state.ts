import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface OwnState extends AsyncDisposable {
  readonly folder: string;
}

/** State of the tool for one test file: this process and what it starts have it, and it goes when it is disposed of. */
export async function ownState(): Promise<OwnState> {
  const folder = await mkdtemp(join(tmpdir(), "state-"));
  process.env.XDG_STATE_HOME = folder;
  return {
    folder,
    async [Symbol.asyncDispose]() {
      delete process.env.XDG_STATE_HOME;
      await rm(folder, { recursive: true });
    },
  };
}
