import { registerResumeRuntime, unregisterResumeRuntime } from "../../engine/resume-runtime/register.ts";
import { resumeRuntimeName } from "../../engine/resume-runtime/wrapper.ts";
import type { Move } from "../move.ts";

/** Registers the OCI runtime that starts a moved container, unless it is there. */
export async function prepareTarget({ target, runtime, rollback, signal }: Move): Promise<string> {
  const wasThere = (await target.engine.info()).runtimes.has(resumeRuntimeName);
  await rollback.willMake({
    object: "runtime",
    host: target.host.name,
    name: resumeRuntimeName,
    title: `left Docker's configuration on ${target.host.name} as it was`,
    kind: "clean",
    undo: async () => {
      if (!wasThere) await unregisterResumeRuntime(target.engine);
    },
  });
  const isNew = await registerResumeRuntime(target.engine, runtime.path, signal);
  return isNew
    ? `registered the runtime \`${resumeRuntimeName}\` (${runtime.path})`
    : `the runtime \`${resumeRuntimeName}\` is there`;
}
