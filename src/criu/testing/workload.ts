import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** What workload.py tells of itself; numbers of descriptors, but for the processes, the port and the address. */
export interface WorkloadFacts {
  readonly pid: number;
  readonly threads: readonly number[];
  readonly child: number;
  readonly zombie: number;
  readonly readEnd: number;
  readonly writeEnd: number;
  readonly listener: number;
  readonly port: number;
  readonly left: number;
  readonly right: number;
  readonly unlinked: number;
  readonly memoryFile: number;
  readonly epoll: number;
  /** Where a text lies in private memory. */
  readonly marker: number;
}

/** A running process tree to be dumped, in a session of its own and with nothing inherited; ended with the test's scope. */
export class Workload implements AsyncDisposable {
  readonly facts: WorkloadFacts;
  /** An empty folder for a dump. */
  readonly directory: string;

  private constructor(facts: WorkloadFacts, directory: string) {
    this.facts = facts;
    this.directory = directory;
  }

  static async start(): Promise<Workload> {
    const directory = await mkdtemp(join(tmpdir(), "criu-workload-"));
    const factsFile = join(directory, "facts.json");
    const script = fileURLToPath(new URL("workload.py", import.meta.url));
    const child = spawn("python3", [script, factsFile], { detached: true, stdio: "ignore" });
    await once(child, "spawn");
    child.unref();
    const facts = await waitForFacts(factsFile, () => child.exitCode === null);
    await rm(factsFile);
    return new Workload(facts, directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.kill(this.facts.child, "SIGKILL");
    process.kill(this.facts.pid, "SIGKILL");
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function waitForFacts(file: string, isRunning: () => boolean): Promise<WorkloadFacts> {
  for (let tries = 0; tries < 400 && isRunning(); tries++) {
    try {
      return JSON.parse(await readFile(file, "utf8"));
    } catch {
      await delay(50);
    }
  }
  throw new Error("workload.py did not start");
}
