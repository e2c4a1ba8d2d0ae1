import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { dumpConfiguration, dumpConfigurationVariable } from "../../criu/dump-configuration.ts";
import { writeSumsScript } from "../../criu/images/image-sums.ts";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { criuForTests } from "../../criu/testing/criu.ts";
import type { ClockKeeper } from "../../engine/resume-runtime/clocks.ts";
import { writeResumeFolder } from "../../engine/resume-runtime/resume-folder.ts";
import { wrapperScript } from "../../engine/resume-runtime/wrapper.ts";
import { MigrationError } from "../../errors.ts";
import { openLocalHost } from "../../host/local.ts";
import { containerFileReader, findSemaphores } from "../../migration/container-files.ts";
import { type StepOutOptions, stepOutOfAvx512 } from "../../tracing/step-out.ts";
import { type CompiledResume, compileResume } from "../compile.ts";
import { parseStatus } from "../resume-directory.ts";
import type { ResumeTarget } from "../target.ts";
import { eventually } from "./eventually.ts";
import { type ContainerOptions, RuncContainer } from "./runc-container.ts";

/** A thread may be stopped where it can't be resumed: it is elsewhere a moment later. */
const attempts = 10;

/** Freezes a container, dumps it and compiles the dump. The container stays frozen. */
export async function dumpAndCompile(source: RuncContainer, target: ResumeTarget): Promise<CompiledResume> {
  for (let attempt = 1; ; attempt++) {
    await source.pause();
    await stepOut(source);
    await dump(source);
    try {
      return await compile(source, target);
    } catch (error) {
      const transient = error instanceof MigrationError && error.details.transient === true;
      if (!transient || attempt === attempts) throw error;
      await source.call("resume", source.id);
      await delay(20 * attempt);
    }
  }
}

/** Moves a frozen container's threads out of AVX-512 routines. */
export async function stepOut(source: RuncContainer, options?: StepOutOptions): Promise<number> {
  return await stepOutOfAvx512(
    {
      processes: JSON.parse(await source.call("ps", "--format", "json", source.id)) as number[],
      workDirectory: source.directory,
      freeze: () => source.pause(),
      thaw: async () => void (await source.call("resume", source.id)),
    },
    options,
  );
}

/** Dumps a frozen container, which stays frozen. */
export async function dump(source: RuncContainer): Promise<void> {
  const { binDirectory } = await criuForTests();
  await rm(source.path("images"), { recursive: true, force: true });
  const options = ["--leave-running", "--tcp-established", "--file-locks"];
  const folders = ["--image-path", source.path("images"), "--work-path", source.path("criu")];
  const path = `${binDirectory}:${process.env.PATH}`;
  await writeFile(source.path("criu.conf"), dumpConfiguration);
  const environment = { PATH: path, [dumpConfigurationVariable]: source.path("criu.conf") };
  await source.callWith(environment, "checkpoint", ...options, ...folders, source.id);
  await promisify(execFile)("sh", ["-euc", writeSumsScript, "sh", source.path("images")]);
}

/** Compiles the last dump of a container. */
export async function compile(source: RuncContainer, target: ResumeTarget): Promise<CompiledResume> {
  using images = await openCheckpoint(source.path("images"));
  const engineStdio = JSON.parse(await readFile(source.path("images", "descriptors.json"), "utf8")) as string[];
  const pid = await source.pid();
  const semaphores = await findSemaphores(openLocalHost(), pid);
  return compileResume({ images, engineStdio, readFile: containerFileReader(pid), semaphores, target });
}

/** How the new container differs from an ordinary one. */
export interface ResumeOptions extends Partial<ContainerOptions> {
  /** Who gives it the clocks of the dump. Default: nobody, since they are this machine's. */
  readonly clocks?: ClockKeeper;
}

/**
 * Ends the source and resumes its program in a new container on the same files, started by the resume runtime as an
 * engine would.
 */
export async function resume(
  source: RuncContainer,
  compiled: CompiledResume,
  { clocks, ...options }: ResumeOptions = {},
): Promise<RuncContainer> {
  await source.call("delete", "--force", source.id);
  const target = await RuncContainer.create({ arguments: ["/nothing"], root: source.root, ...options });
  try {
    await makePending(source, compiled, target, clocks);
    await target.start();
    await eventually("the resume", async () => {
      const status = parseStatus(await readFile(target.path("resumed", target.id, "status"), "utf8"));
      return status.state === "working" ? undefined : status;
    }).then((status) => {
      if (status.state === "failed") throw new Error(`the resume failed: ${status.what}: ${status.result}`);
    });
    return target;
  } catch (error) {
    await target[Symbol.asyncDispose]();
    throw error;
  }
}

async function makePending(
  source: RuncContainer,
  compiled: CompiledResume,
  target: RuncContainer,
  clocks: ClockKeeper | undefined,
): Promise<void> {
  const folders = { pending: target.path("pending"), resumed: target.path("resumed"), clocks: target.path("clocks") };
  const folder = `${folders.pending}/${target.id}`;
  const imageDirectory = source.path("images");
  await writeResumeFolder(folder, { compiled, imageDirectory, containerId: target.id, clocks, folders });
  await writeFile(`${folder}/status`, "");
  target.runtime = target.path("runtime");
  await writeFile(target.runtime, wrapperScript("/usr/sbin/runc", folders), { mode: 0o755 });
}
