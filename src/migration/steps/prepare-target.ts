import { isBundleRuntime } from "../../engine/engine-name.ts";
import { registerRuntime } from "../../engine/resume-runtime/register.ts";
import { sendCriu } from "../../engine/resume-runtime/send-criu.ts";
import { type RuntimeKind, runtimeNames } from "../../engine/resume-runtime/wrapper.ts";
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
  const isNew = await registerRuntime(target.engine, { kind, runtime: path, claim: id, signal });
  if (isBundleRuntime(target.engine.name)) return `${path} starts it`;
  const name = runtimeNames[kind];
  return isNew ? `registered the runtime \`${name}\` (${path})` : `the runtime \`${name}\` is there`;
}
