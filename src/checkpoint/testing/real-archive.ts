import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { criuForTests } from "../../criu/testing/criu.ts";
import { openSandbox, type Sandbox } from "../../engine/docker/testing/sandbox.ts";
import { type TakeCheckpointOptions, takeCheckpoint } from "../take/take-checkpoint.ts";

/** A small container with two processes, which counts in a variable and in a file of its writable layer. */
export const counting = [
  "sh",
  "-c",
  "mkdir /data; ln -s /etc /data/link; rm /etc/unique; sleep 1000 & i=0; while :; do i=$((i+1)); echo $i >/data/count; echo $i; sleep 0.02; done",
];

export interface RealArchive extends AsyncDisposable {
  readonly path: string;
  readonly sandbox: Sandbox;
  readonly containerId: string;
}

/** Runs a small container and takes a checkpoint of it. @param folder that the archive goes into */
export async function realArchive(
  folder: string,
  options: Partial<TakeCheckpointOptions> = {},
  more: Parameters<Sandbox["run"]>[1] = {},
): Promise<RealArchive> {
  await criuForTests();
  const sandbox = await openSandbox();
  try {
    const containerId = await sandbox.run(counting, more);
    await setTimeout(500);
    const path = join(folder, "real.ckpt");
    await takeCheckpoint({ container: containerId, output: path, ...options });
    return { path, sandbox, containerId, [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose]() };
  } catch (error) {
    await sandbox[Symbol.asyncDispose]();
    throw error;
  }
}
