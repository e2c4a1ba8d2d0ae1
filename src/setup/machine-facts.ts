import { readTargetFacts, type TargetFacts } from "../compatibility/target-facts.ts";
import { DockerEngine } from "../engine/docker/engine.ts";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { KernelConfig } from "../kernel/config.ts";
import { type Places, placesOf } from "./places.ts";
import { readSystemFacts, type SystemFacts } from "./system.ts";

/** All that the items judge by. */
export interface MachineFacts {
  readonly target: TargetFacts;
  readonly system: SystemFacts;
  readonly places: Places;
}

/** Milliseconds. Nothing is frozen meanwhile, and a small board may be busy. */
const deadlineMs = 180_000;

/**
 * Reads a machine without changing anything.
 * @param kernelConfig taken instead of what the machine says of its kernel
 * @throws MigrationError `target-unreachable`, `command-failed`, `cancelled`
 */
export async function readMachineFacts(
  host: Host,
  { kernelConfig, signal }: { readonly kernelConfig?: KernelConfig | undefined; readonly signal?: AbortSignal | undefined },
): Promise<MachineFacts> {
  const folders = (["linux", "android"] as const).map((kind) => placesOf(kind).work);
  const [target, system] = await Promise.all([
    readTargetFacts(host, await engineIfAny(host), { signal, deadlineMs }),
    readSystemFacts(host, folders, signal),
  ]);
  const ofFile = kernelConfig === undefined ? {} : { kernelConfig };
  return { target: { ...target, ...ofFile }, system, places: placesOf(system.kind) };
}

/** That there is none is what the item `engine` tells, also of one that has its socket but never answers. */
async function engineIfAny(host: Host): Promise<DockerEngine | undefined> {
  for (let attempt = 1; attempt <= 3; attempt++) {
    try {
      return await DockerEngine.open(host);
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
      if (error.code === "engine-unavailable") return undefined;
      if (error.details.reason !== "timed-out") throw error;
    }
  }
  return undefined;
}
