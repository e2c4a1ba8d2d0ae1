import { setTimeout } from "node:timers/promises";
import { cgroupProcesses } from "../../engine/docker/cgroup.ts";
import { exitWords } from "../../engine/docker/exit-words.ts";
import { MigrationError } from "../../errors.ts";
import { count } from "../../text/count.ts";
import type { Side } from "../move.ts";
import type { Expectation } from "./expectation.ts";
import { runHealthCommand } from "./health.ts";
import { sumOfMemory } from "./read-only-memory.ts";

export interface ValidationOptions {
  readonly expectation: Expectation;
  readonly healthCommand?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Validation {
  /** What was seen, for people. */
  readonly outcome: string;
  readonly notes: readonly string[];
}

/** How long the program must have run before it counts as alive: what fails at its first instructions fails at once. */
const settleMs = 300;
const lookMs = 200;

/**
 * Looks whether what runs on the target is what was frozen on the source.
 * @throws MigrationError `validation-failed`
 */
export async function validateCopy(side: Side, id: string, options: ValidationOptions): Promise<Validation> {
  const { expectation, healthCommand, signal } = options;
  const { processes, memory, patienceMs } = expectation;
  await setTimeout(settleMs);
  let seen = await readCopy(side, id);
  const notes = endedProcesses(side, expectation, seen);
  const deadline = performance.now() + patienceMs;
  while (closedPorts(expectation, seen).length > 0 && performance.now() < deadline) {
    await setTimeout(lookMs, undefined, signal === undefined ? {} : { signal });
    seen = await readCopy(side, id);
  }
  const closed = closedPorts(expectation, seen);
  if (closed.length > 0) throw failure(side, `nothing listens on these ports: ${closed.join(", ")}`);
  const compared = await compareMemory(side, expectation, seen);
  if (healthCommand !== undefined) await checkHealth(side, id, healthCommand, options);
  const { State } = await side.engine.inspect(id);
  if (!State.Running) throw failure(side, `the container ended${exitWords(State)}`);
  await checkEmulator(side, id);
  signal?.throwIfAborted();
  const found = processes.flatMap(({ threads }) => threads).filter((tid) => seen.threads.has(tid));
  const parts = [
    processes.length === 0 ? "it runs" : `${count(found.length, "thread")} with the right ids`,
    count(expectation.listeningPorts.length, "listening port"),
    ...(memory.length === 0 ? [] : [`${count(compared, "page")} of read-only memory as dumped`]),
    ...(healthCommand === undefined ? [] : ["the health command passed"]),
  ];
  return { outcome: parts.join(", "), notes };
}

/** What is seen of a running container. */
interface Seen {
  /** Host pid by the id inside. */
  readonly threads: ReadonlyMap<number, number>;
  readonly listening: ReadonlySet<number>;
}

const readScript = `
first=$1
for pid in "$@"; do
  for file in /proc/"$pid"/task/*/status; do sed -n "s/^NSpid:.*[^0-9]\\([0-9]*\\)$/thread $pid \\1/p" "$file" 2>/dev/null || true; done
done
cat /proc/"$first"/net/tcp /proc/"$first"/net/tcp6 2>/dev/null || true`;

async function readCopy({ engine, host }: Side, id: string): Promise<Seen> {
  const { State } = await engine.inspect(id);
  if (!State.Running)
    throw new MigrationError("validation-failed", `the container ended${exitWords(State)} right after it went on`, {
      host: host.name,
    });
  const pids = await cgroupProcesses(host, State.Pid);
  const text = await host.script(readScript, [State.Pid, ...pids].map(String));
  // A line of /proc/net/tcp: slot, local address:port in hexadecimal, remote, state (0A: LISTEN).
  const listening = [...text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F:]+ 0A /gm)].map((match) =>
    Number.parseInt(match[1]!, 16),
  );
  const threads = [...text.matchAll(/^thread (\d+) (\d+)$/gm)].map((match) => [Number(match[2]), Number(match[1])] as const);
  return { threads: new Map(threads), listening: new Set(listening) };
}

/** @throws MigrationError when a thread of the first process is missing */
function endedProcesses(side: Side, { processes }: Expectation, { threads }: Seen): string[] {
  const [first, ...others] = processes;
  const missing = (first?.threads ?? []).filter((tid) => !threads.has(tid));
  if (missing.length > 0) throw failure(side, `these threads are not there: ${missing.join(", ")}`);
  // Each was in place when all went on; other processes than the first may have done their work since, as a `sleep` does.
  return others
    .filter(({ pid }) => !threads.has(pid))
    .map(({ pid, comm }) => `process ${comm} (${pid}) has ended since it went on`);
}

function closedPorts({ listeningPorts }: Expectation, { listening }: Seen): number[] {
  return listeningPorts.filter((port) => !listening.has(port));
}

/** @returns how many pages agree */
async function compareMemory(side: Side, { memory }: Expectation, { threads }: Seen): Promise<number> {
  let pages = 0;
  for (const expected of memory) {
    const hostPid = threads.get(expected.pid);
    const sum = hostPid === undefined ? undefined : await sumOfMemory(side.host, hostPid, expected);
    // A process may have ended, or have unmapped a library.
    if (sum === undefined) continue;
    if (sum !== expected.sha256) {
      throw failure(side, `the read-only memory of process ${expected.pid} is not as it was dumped`, {
        wanted: expected.sha256,
        found: sum,
      });
    }
    pages += expected.runs.reduce((all, run) => all + run.pages, 0);
  }
  return pages;
}

async function checkHealth(
  side: Side,
  id: string,
  command: readonly string[],
  { expectation, signal }: ValidationOptions,
): Promise<void> {
  const { exitCode, stdout, stderr } = await runHealthCommand(side.engine, id, command, expectation.patienceMs, signal);
  if (exitCode === 0) return;
  throw failure(side, `the health command \`${command.join(" ")}\` failed with status ${exitCode}`, { stdout, stderr });
}

/**
 * A fatal signal does not end an emulated process 1: qemu-user sends it to itself, which the kernel does not allow there, and
 * waits for ever. But it says so first.
 */
async function checkEmulator(side: Side, id: string): Promise<void> {
  const logs = await side.engine.logs(id, 20);
  const [, signal] = /^qemu: uncaught target signal (\d+)/m.exec(logs) ?? [];
  if (signal === undefined) return;
  const reason =
    signal === "4" ? " (an instruction that the emulator does not have: the program chose it by the source's CPU)" : "";
  throw failure(side, `the program died of signal ${signal}${reason}`, { logs });
}

function failure({ host }: Side, what: string, details: Record<string, unknown> = {}): MigrationError {
  return new MigrationError("validation-failed", `the moved container is not as it was: ${what}`, {
    host: host.name,
    remedy: "The container goes on on the source. See docs/support.md; please report it with this message.",
    details,
  });
}
