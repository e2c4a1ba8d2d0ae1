import { dirname } from "node:path";
import { dumpScript } from "./dump-script.ts";
import { tinyBundle } from "./tiny-container.ts";
import type { TinyArchitecture } from "./tiny-program.ts";
import type { Trial } from "./trial.ts";

/** Milliseconds; an emulated machine takes a minute. */
const timeoutMs = 300_000;

const stages: Readonly<Record<number, string>> = {
  11: "the container does not run",
  12: "it can't be dumped",
  13: "it can't be restored",
};

/** A tiny container of the machine's own architecture is run, dumped by CRIU and restored, all on the machine. */
export const dumpAndRestore: Trial = {
  name: "dump-and-restore",
  title: "Dump and restore",
  async run(host, { target, places }, { signal, onProgress }) {
    const architecture = tinyArchitecture(target.hostFacts.architecture);
    const runc = target.runtimes.find(({ program }) => program === "runc");
    if (target.hostFacts.uid !== 0) return { state: "untried", found: "commands don't run as root" };
    if (target.criu === undefined) return { state: "untried", found: "there is no CRIU" };
    if (architecture === undefined)
      return { state: "untried", found: `there is no program for ${target.hostFacts.architecture}` };
    // crun may have been built without CRIU.
    if (runc === undefined) return { state: "untried", found: "there is no runc" };
    onProgress("dumping and restoring a tiny container there");
    const id = `migrate-container-trial-${crypto.randomUUID()}`;
    const parameters = [`${places.trials}/${id}`, runc.path, dirname(target.criu.program), id, "restore"];
    const { exitCode, stdout, stderr } = await host.run(["sh", "-eu", "-c", dumpScript, "sh", ...parameters], {
      input: tinyBundle(architecture, id),
      signal,
      timeoutMs,
    });
    if (exitCode === 0) {
      const [, before, after] = /dumped (\d+)\nrestored (\d+)/.exec(stdout) ?? [];
      return { state: "good", found: `a container dumped at tick ${before} went on to ${after}` };
    }
    return {
      state: "blocked",
      found: `${stages[exitCode] ?? `it ended with status ${exitCode}`}: ${lastLines(stderr)}`,
      remedy:
        "See that the kernel has what CRIU and the runtime need (`setup --kernel-fragment`), and that `criu check` is content.",
    };
  },
};

export function tinyArchitecture(architecture: string): TinyArchitecture | undefined {
  return architecture === "x86_64" || architecture === "aarch64" ? architecture : undefined;
}

export function lastLines(text: string): string {
  return text.trim().split("\n").slice(-3).join("; ");
}
