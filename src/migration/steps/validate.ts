import { setTimeout } from "node:timers/promises";
import { cgroupProcesses } from "../../engine/docker/cgroup.ts";
import { MigrationError } from "../../errors.ts";
import { count } from "../../text/count.ts";
import type { Move } from "../move.ts";

/** How long the program must have run before it counts as alive: what fails at its first instructions fails at once. */
const settleMs = 300;

/** Looks whether what runs on the target is what was frozen on the source. */
export async function validate(move: Move): Promise<string> {
  const { target, options, signal } = move;
  const id = move.targetContainerId!;
  await setTimeout(settleMs);
  const seen = await readTarget(move, id);
  const [first, ...others] = move.compiled!.processes;
  const wanted = first.threads.map(({ tid }) => tid);
  const missing = wanted.filter((tid) => !seen.threads.has(tid));
  if (missing.length > 0) throw failure(move, `these threads are not there: ${missing.join(", ")}`);
  // Each was in place when all went on; other processes than the first may have done their work since, as a `sleep` does.
  const ended = others.filter(({ pid }) => !seen.threads.has(pid));
  for (const { pid, task } of ended) move.notes.push(`process ${task.comm} (${pid}) has ended since it went on`);
  const ports = move.compiled!.listeningPorts;
  const closed = ports.filter((port) => !seen.listening.has(port));
  if (closed.length > 0) throw failure(move, `nothing listens on these ports: ${closed.join(", ")}`);
  if (options.healthCommand !== undefined) await checkHealth(move, options.healthCommand);
  const { State } = await target.engine.inspect(id);
  if (!State.Running) throw failure(move, `the container ended with status ${State.ExitCode}`);
  await checkEmulator(move);
  signal?.throwIfAborted();
  move.runningAt = performance.now();
  const health = options.healthCommand === undefined ? "" : ", the health command passed";
  const found = move.compiled!.processes.flatMap(({ threads }) => threads.filter(({ tid }) => seen.threads.has(tid)));
  return `${count(found.length, "thread")} with the right ids, ${count(ports.length, "listening port")}${health}`;
}

/** Threads (ids inside the container) of all its processes, and TCP ports that are listened on. */
async function readTarget(
  { target }: Move,
  id: string,
): Promise<{ readonly threads: ReadonlySet<number>; readonly listening: ReadonlySet<number> }> {
  const { State } = await target.engine.inspect(id);
  if (!State.Running)
    throw new MigrationError("validation-failed", `the container ended with status ${State.ExitCode} right after it went on`, {
      host: target.host.name,
    });
  const pids = await cgroupProcesses(target.host, State.Pid);
  const text = await target.host.script(
    'first=$1; for pid in "$@"; do grep -h ^NSpid: /proc/"$pid"/task/*/status 2>/dev/null || true; done; echo; cat /proc/"$first"/net/tcp /proc/"$first"/net/tcp6 2>/dev/null || true',
    [State.Pid, ...pids].map(String),
  );
  const threads = [...text.matchAll(/^NSpid:.*?(\d+)$/gm)].map((match) => Number(match[1]));
  // A line of /proc/net/tcp: slot, local address:port in hexadecimal, remote, state (0A: LISTEN).
  const listening = [...text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F:]+ 0A /gm)].map((match) =>
    Number.parseInt(match[1]!, 16),
  );
  return { threads: new Set(threads), listening: new Set(listening) };
}

async function checkHealth(move: Move, command: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await move.target.engine.exec(move.targetContainerId!, command, move.signal);
  if (exitCode !== 0)
    throw failure(move, `the health command \`${command.join(" ")}\` failed with status ${exitCode}`, { stdout, stderr });
}

/**
 * A fatal signal does not end an emulated process 1: qemu-user sends it to itself, which the kernel does not allow there, and
 * waits for ever. But it says so first.
 */
async function checkEmulator(move: Move): Promise<void> {
  const logs = await move.target.engine.logs(move.targetContainerId!, 20);
  const [, signal] = /^qemu: uncaught target signal (\d+)/m.exec(logs) ?? [];
  if (signal === undefined) return;
  const reason =
    signal === "4" ? " (an instruction that the emulator does not have: the program chose it by the source's CPU)" : "";
  throw failure(move, `the program died of signal ${signal}${reason}`, { logs });
}

function failure({ target }: Move, what: string, details: Record<string, unknown> = {}): MigrationError {
  return new MigrationError("validation-failed", `the moved container is not as it was: ${what}`, {
    host: target.host.name,
    remedy: "The container goes on on the source. See docs/support.md; please report it with this message.",
    details,
  });
}
