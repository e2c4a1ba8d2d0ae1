import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { execa } from "execa";
import { MigrationError } from "../src/errors.ts";
import { progress, succeeds } from "./command.ts";
import { amd64, arm64 } from "./emulated.ts";
import type { Lab } from "./lab.ts";
import { withLock } from "./lock.ts";
import { endMachine, machineFolder, runningState, sshParameters, writeState } from "./machine-state.ts";
import { runFolder } from "./paths.ts";
import { sshConfigFile, writeSshConfig } from "./ssh-config.ts";
import { x86 } from "./x86.ts";

/** A machine that is up: SSH and Docker answer. */
export interface LabMachine {
  readonly name: string;
  /** For `migrate-container`, together with `sshConfig`. */
  readonly target: string;
  /** For `migrate-container`: the same by its adbd. */
  readonly adb: string;
  /** The OpenSSH configuration file that knows the machine: `ssh -F <sshConfig> <name>`. */
  readonly sshConfig: string;
  /** The address at which this host reaches the machine. */
  readonly address: string;
  /** Port of the machine → TCP port at `address`. */
  readonly ports: Readonly<Record<number, number>>;
  stop(): Promise<void>;
}

/** The machines by the names that the command line uses. */
export const machines = { arm64, x86, amd64 } as const;

const readyTimeoutMs = 300_000;

/**
 * A Debian 13 arm64 machine with Docker, built and started when it isn't there.
 * @throws MigrationError `setup-failed`
 */
export function ensureArm64Machine(): Promise<LabMachine> {
  return ensureMachine(arm64);
}

/**
 * A second x86_64 machine with Docker, made of namespaces on this host.
 * @throws MigrationError `setup-failed`
 */
export function ensureX86Machine(): Promise<LabMachine> {
  return ensureMachine(x86);
}

/**
 * An emulated x86_64 machine with Debian 13 and Docker, to move containers away from that this host can't dump.
 * @throws MigrationError `setup-failed`
 */
export function ensureAmd64Machine(): Promise<LabMachine> {
  return ensureMachine(amd64);
}

/** Starts a machine when it isn't running, and waits until SSH and Docker answer. */
export async function ensureMachine(lab: Lab): Promise<LabMachine> {
  const product = await lab.build();
  const start = performance.now();
  let isNew = false;
  const state = await withMachineLock(lab, async () => {
    const running = await runningState(lab.name);
    if (running?.key === product.key && (await answers(lab.name))) return running;
    if (running !== undefined) progress(`${lab.name} does not answer, or runs from an older recipe: starting it anew`);
    await endMachine(lab.name);
    await lab.clean();
    const started = await lab.start(product);
    await writeState(lab.name, started.state);
    await writeSshConfig(started.access);
    isNew = true;
    return started.state;
  });
  await waitUntilReady(lab.name);
  if (isNew) progress(`${lab.name} is ready after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return {
    name: lab.name,
    target: `ssh://${lab.name}`,
    adb: `adb:${state.address}:${state.ports[5555]}`,
    sshConfig: sshConfigFile,
    address: state.address,
    ports: state.ports,
    stop: () => stopMachine(lab).then(() => undefined),
  };
}

/** Ends a machine and removes what it leaves behind. @returns whether it was running */
export async function stopMachine(lab: Lab): Promise<boolean> {
  return withMachineLock(lab, async () => {
    const wasRunning = await endMachine(lab.name);
    await lab.clean();
    return wasRunning;
  });
}

async function withMachineLock<T>(lab: Lab, work: () => Promise<T>): Promise<T> {
  await mkdir(runFolder, { recursive: true });
  return withLock(join(runFolder, `${lab.name}.lock`), work);
}

/** Whether a machine that runs can be reached; it may still be starting. */
async function answers(name: string): Promise<boolean> {
  const parameters = ["-o", "ConnectTimeout=10", "-o", "LogLevel=ERROR", ...sshParameters(name), "true"];
  for (let attempt = 0; attempt < 3; attempt++) if (await succeeds("ssh", parameters, 20_000)) return true;
  return false;
}

async function waitUntilReady(name: string): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  // Docker's client is slow to start under emulation; its daemon's log tells the same.
  const ready = "until grep -qs 'API listen' /run/dockerd.log; do sleep 0.3; done";
  const parameters = ["-o", "ConnectTimeout=10", "-o", "LogLevel=ERROR", ...sshParameters(name), ready];
  while (!(await succeeds("ssh", parameters, readyTimeoutMs))) {
    if ((await runningState(name)) === undefined || Date.now() > deadline) throw await notReady(name, parameters);
    await setTimeout(300);
  }
}

async function notReady(name: string, parameters: readonly string[]): Promise<MigrationError> {
  const { stderr } = await execa("ssh", parameters, { reject: false, stdin: "ignore", timeout: 15_000 });
  return new MigrationError("setup-failed", `the lab machine ${name} does not answer: ${stderr || "Docker is not up"}`, {
    host: name,
    remedy: `See the logs in ${machineFolder(name)}, then stop it (npm run lab stop) and start it again.`,
  });
}
