import { chooseClockKeeper } from "../../compatibility/execution.ts";
import { type BundleRuntime, isBundleRuntime } from "../../engine/engine-name.ts";
import { claimBundles } from "../../engine/resume-runtime/bundle-claims.ts";
import { registerRuntime } from "../../engine/resume-runtime/register.ts";
import { sendCriu } from "../../engine/resume-runtime/send-criu.ts";
import { bundleRuntimePath, type RuntimeKind, runtimeNames } from "../../engine/resume-runtime/wrapper.ts";
import { type Arrival, willMake } from "../move.ts";

/** Registers the OCI runtime that resumes a moved container at its first start, unless it is there. */
export function prepareTarget(move: Arrival): Promise<string> {
  return register(move, "resume");
}

/** Registers the OCI runtime that restores a moved container at its first start, and sees that there is a CRIU for it. */
export async function prepareRestore(move: Arrival): Promise<string> {
  const registered = await register(move, "restore");
  const { criu } = move.targetFacts;
  if (criu !== undefined) {
    move.targetCriu = criu.binDirectory;
    return `${registered}; CRIU ${criu.version} is there`;
  }
  const onBytes = (bytes: number) => {
    move.bytesSent += bytes;
  };
  move.targetCriu = await sendCriu(move.target.host, move.source.host, move.criuDirectory!, onBytes, move.signal);
  return `${registered}; sent CRIU`;
}

async function register(move: Arrival, kind: RuntimeKind): Promise<string> {
  const { id, target, runtime, signal } = move;
  const { path } = runtime!;
  await willMake(move, { object: "runtime" });
  if (isBundleRuntime(target.engine.name)) return await prepareBundle(move, target.engine.name, kind, path);
  const isNew = await registerRuntime(target.engine, { kind, runtime: path, claim: id, signal });
  const name = runtimeNames[kind];
  return isNew ? `registered the runtime \`${name}\` (${path})` : `the runtime \`${name}\` is there`;
}

async function prepareBundle(move: Arrival, name: BundleRuntime, kind: RuntimeKind, runtime: string): Promise<string> {
  const { id: claim, target, targetFacts, signal, notes } = move;
  const withinClocks = kind === "resume" && chooseClockKeeper(targetFacts) === "unshare";
  await claimBundles(target.host, { name, runtime, withinClocks, claim, signal });
  if (!withinClocks) return `${runtime} starts it`;
  const path = bundleRuntimePath(name);
  notes.push(`on the target, call ${path} for it in place of ${name}, which takes it for stopped: its clocks are the source's`);
  return `${runtime} starts it, called as ${path}`;
}
