import { chooseExecution, chooseRuntime } from "../compatibility/execution.ts";
import { planNetworks } from "../compatibility/network-plan.ts";
import type { Subject } from "../compatibility/subject.ts";
import type { TargetFacts } from "../compatibility/target-facts.ts";
import { isBundleRuntime } from "../engine/engine-name.ts";
import { type RuntimeKind, runtimeNames, runtimePaths, targetPaths } from "../engine/resume-runtime/wrapper.ts";
import { placeOf } from "../host/words.ts";
import { containerName } from "./move.ts";

export interface PlanOptions {
  readonly name?: string | undefined;
  readonly leaveSource?: "stopped" | "removed" | undefined;
  readonly target: string;
}

/** @param path of the OCI runtime there */
export function runtimeLine(kind: RuntimeKind, { host, engine }: TargetFacts, path: string | undefined): string {
  if (isBundleRuntime(engine?.engine)) return `make ${targetPaths.root} on ${host}; ${path} starts the container`;
  const name = runtimeNames[kind];
  if (engine?.engine === "podman") return `have Podman on ${host} use the runtime ${runtimePaths[kind]} (around ${path})`;
  return engine?.runtimes.has(name) === true
    ? `use the runtime \`${name}\` of Docker on ${host}`
    : `register the runtime \`${name}\` (around ${path}) with Docker on ${host}, in /etc/docker/daemon.json`;
}

/** What a move would do, step by step, as lines for people. */
export function describePlan(subject: Subject, target: TargetFacts, options: PlanOptions): string[] {
  const name = containerName({ container: subject.container });
  const execution = chooseExecution(subject, target)?.execution;
  const where = placeOf(subject.host);
  const memory = (subject.live?.processes ?? []).reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  return [
    runtimeLine("resume", target, chooseRuntime(target)?.path),
    isBundleRuntime(subject.engine.engine)
      ? `copy the root file system and the folders that are mounted to ${options.target}`
      : `send the layers of image ${subject.container.Config.Image} that ${options.target} lacks`,
    ...planNetworks(subject, target).flatMap(({ isNew, network }) => (isNew ? `make the network ${network.Name} there` : [])),
    `create the container ${options.name ?? name} there with the same configuration`,
    `freeze ${name} ${where}, dump it with CRIU, compile the dump (about ${Math.round(memory / 2 ** 20)} MiB of memory)`,
    `send the package, verify its SHA-256 sums there`,
    execution === "native" ? "resume the program there natively" : "resume the program there under the x86_64 emulator",
    "check that every thread is there and every port is listened on; else undo everything and let the container go on where it was",
    options.leaveSource === "removed"
      ? `remove ${name} ${where}`
      : `stop ${name} ${where} for good (it stays as a stopped container)`,
  ];
}
