import { join } from "node:path";
import { chooseClockKeeper, chooseRuntime, targetKind, usableEmulator } from "../../compatibility/execution.ts";
import { bootIdOf } from "../../compatibility/reading/boot-id.ts";
import type { Host } from "../../host/host.ts";
import { openLocalHost } from "../../host/local.ts";
import { compileImages } from "../../standalone/compile-images.ts";
import type { MachineFacts } from "../machine-facts.ts";
import { lastLines } from "./dump-and-restore.ts";
import { dumpHere, type TinyDump } from "./dump-here.ts";
import { resumeScript } from "./resume-script.ts";
import type { Trial, TrialOptions, TrialOutcome } from "./trial.ts";

/** Milliseconds; an emulated machine takes half a minute. */
const timeoutMs = 300_000;

/** A tiny x86_64 container is dumped here, compiled, and resumed there: what `migrate` does, without Docker. */
export const resume: Trial = {
  name: "resume",
  title: "Resume from here",
  async run(host, facts, options) {
    const { target } = facts;
    if (target.hostFacts.uid !== 0) return { state: "untried", found: "commands don't run as root" };
    if (targetKind(target, "x86_64") === undefined) return { state: "untried", found: "x86_64 programs don't run there" };
    if (!target.hostFacts.holdsX86Addresses) return { state: "untried", found: "there is no room for x86_64 addresses" };
    if (chooseRuntime(target) === undefined) return { state: "untried", found: "there is no OCI runtime that can" };
    options.onProgress("dumping a tiny container here");
    const dump = await dumpHere(options.signal);
    if (typeof dump === "string") return { state: "untried", found: dump };
    await using _dump = dump;
    return await resumeThere(host, facts, dump, options);
  },
};

async function resumeThere(
  host: Host,
  { target, places }: MachineFacts,
  { folder, ticks }: TinyDump,
  { signal, onProgress }: TrialOptions,
): Promise<TrialOutcome> {
  await using local = openLocalHost();
  const chosen = chooseRuntime(target)!;
  const isHere = target.bootId !== "" && target.bootId === (await bootIdOf(local, signal));
  const keeper = chooseClockKeeper(target);
  if (!isHere && keeper === undefined) {
    return { state: "untried", found: "the clocks of this machine can't be had there without time namespaces" };
  }
  const isEmulated = targetKind(target, "x86_64") === "emulated";
  await compileImages({
    imageDirectory: join(folder, "images"),
    rootfs: join(folder, "rootfs"),
    output: join(folder, "resume"),
    targetArchitecture: isEmulated ? "aarch64" : "x86_64",
    configuration: join(folder, "config.json"),
    emulatorVersion: isEmulated ? usableEmulator(target)?.emulator.version : undefined,
  });
  onProgress("resuming it there");
  const id = `migrate-container-trial-${crypto.randomUUID()}`;
  const clocks = isHere ? "here" : keeper === "unshare" ? keeper : "";
  const parameters = [`${places.trials}/${id}`, chosen.path, id, String(ticks), clocks];
  const { exitCode, stdout, stderr } = await host.run(["sh", "-eu", "-c", resumeScript, "sh", ...parameters], {
    input: local.stream(["tar", "--create", "--directory", folder, "rootfs", "resume"], { signal }),
    signal,
    timeoutMs,
  });
  if (exitCode === 0) {
    return {
      state: "good",
      found: `a container dumped here at tick ${ticks} went on there to ${/resumed (\d+)/.exec(stdout)?.[1]}`,
    };
  }
  return {
    state: "blocked",
    found: `it does not go on there: ${lastLines(stderr)}`,
    remedy: "See what is wrong above. If nothing is, report this with the machine's kernel, emulator and runtime.",
  };
}
