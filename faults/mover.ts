/**
 * Moves a container, or those of a project of docker compose together, in a process of its own, which faults strike. Started with an IPC channel; its argument is a `MoverTask`.
 */

import type { Strategy } from "../src/compatibility/strategy.ts";
import { type MigrationResult, migrateGroup } from "../src/index.ts";
import { type Fault, nameOf, type Point } from "./fault-case.ts";

export interface MoverTask {
  /** One of both. */
  readonly container?: string;
  readonly composeProject?: string;
  /** Default: this machine. */
  readonly source?: string;
  readonly target: string;
  /** The name there. Default: the same. */
  readonly name?: string;
  readonly sshConfig: string;
  readonly strategy: Strategy;
  /** Undefined: nothing disturbs the move. */
  readonly strike?: { readonly fault: Fault; readonly point: Point };
}

/** What the process tells. After `struck` it waits for an answer, unless it is killed. */
export type MoverMessage =
  | { readonly type: "struck" }
  | { readonly type: "entries"; readonly names: readonly string[] }
  | { readonly type: "ended"; readonly status: MigrationResult["status"]; readonly error: string | undefined };

const tell = (message: MoverMessage): void => void process.send!(message);
const { strike, container, ...request } = JSON.parse(process.argv[2]!) as MoverTask;
const names: string[] = [];

async function reach(when: Point["when"], what: string): Promise<void> {
  if (strike?.point.when !== when || strike.point.what !== what) return;
  if (strike.fault === "kill") process.kill(process.pid, "SIGKILL");
  const answered = new Promise((resolve) => process.once("message", resolve));
  tell({ type: "struck" });
  await answered;
}

const { status, members } = await migrateGroup({
  ...request,
  ...(container === undefined ? {} : { containers: [container] }),
  // A link that was cut stays so until the move has ended.
  transfer: { reconnectMs: 2000 },
  afterEntry: async (entry) => {
    names.push(nameOf(entry));
    await reach("before", nameOf(entry));
  },
  afterStep: (step) => reach("after", `step ${step}`),
});
tell({ type: "entries", names });
const [result] = members;
tell({ type: "ended", status, error: result !== undefined && "error" in result ? result.error.message : undefined });
process.disconnect!();
