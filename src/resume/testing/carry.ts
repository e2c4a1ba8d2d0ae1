import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { criuForTests } from "../../criu/testing/criu.ts";
import { bundleEditScript } from "../../engine/resume-runtime/bundle-edit.ts";
import { bundleEditFile, wrapperScript } from "../../engine/resume-runtime/wrapper.ts";
import { MigrationError } from "../../errors.ts";
import { containerFileReader } from "../../migration/container-files.ts";
import { capabilitiesOf, capabilityBit, namesOf, restoringCapabilities } from "../capabilities.ts";
import { type CompiledResume, compileResume } from "../compile.ts";
import { parseStatus } from "../resume-directory.ts";
import type { ResumeTarget } from "../target.ts";
import { eventually } from "./eventually.ts";
import { RuncContainer } from "./runc-container.ts";

/** A thread may be stopped where it can't be resumed: it is elsewhere a moment later. */
const attempts = 10;

/** Freezes a container, dumps it and compiles the dump. The container stays frozen. */
export async function dumpAndCompile(source: RuncContainer, target: ResumeTarget): Promise<CompiledResume> {
  const { binDirectory } = await criuForTests();
  const images = source.path("images");
  for (let attempt = 1; ; attempt++) {
    await source.call("pause", source.id);
    await rm(images, { recursive: true, force: true });
    const options = [
      "--leave-running",
      "--tcp-established",
      "--file-locks",
      "--image-path",
      images,
      "--work-path",
      source.path("criu"),
    ];
    process.env.PATH = [binDirectory, ...(process.env.PATH ?? "").split(":").filter((part) => part !== binDirectory)].join(":");
    await source.call("checkpoint", ...options, source.id);
    using checkpoint = await openCheckpoint(images);
    try {
      const engineStdio = JSON.parse(await readFile(`${images}/descriptors.json`, "utf8")) as string[];
      return compileResume({ images: checkpoint, engineStdio, readFile: containerFileReader(await source.pid()), target });
    } catch (error) {
      const transient = error instanceof MigrationError && error.details.transient === true;
      if (!transient || attempt === attempts) throw error;
      await source.call("resume", source.id);
      await delay(20 * attempt);
    }
  }
}

/**
 * Ends the source and resumes its program in a new container on the same files, started by the resume runtime as an
 * engine would.
 */
export async function resume(
  source: RuncContainer,
  compiled: CompiledResume,
  user?: { uid: number; gid: number },
): Promise<RuncContainer> {
  await source.call("delete", "--force", source.id);
  const target = await RuncContainer.create({
    arguments: ["/nothing"],
    root: source.root,
    ...(user === undefined ? {} : { user }),
  });
  const folders = { pending: target.path("pending"), resumed: target.path("resumed") };
  const folder = `${folders.pending}/${target.id}`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/resume`, compiled.elf, { mode: 0o700 });
  for (const file of compiled.pagesFiles) await copyFile(source.path("images", file), `${folder}/${file}`);
  await writeFile(`${folder}/status`, "");
  await writeFile(
    `${folder}/${bundleEditFile}`,
    bundleEditScript({ containerId: target.id, ...capabilities(compiled), timeNamespace: false }, folders),
  );
  target.runtime = target.path("runtime");
  await writeFile(target.runtime, wrapperScript("/usr/sbin/runc", folders));
  await chmod(target.runtime, 0o755);
  await mkdir(dirname(folders.resumed), { recursive: true });
  await target.start();
  await eventually("the resume", async () => {
    const status = parseStatus(await readFile(`${folders.resumed}/${target.id}/status`, "utf8"));
    if (status.state === "failed") return status;
    return status.state === "resumed" ? status : undefined;
  }).then((status) => {
    if (status.state === "failed") throw new Error(`the resume failed: ${status.what}: ${status.result}`);
  });
  return target;
}

function capabilities(compiled: CompiledResume) {
  const sets = capabilitiesOf(compiled.processes[0].threads[0].core.creds!);
  const bounding = restoringCapabilities.reduce((set, name) => set | capabilityBit(name), sets.bounding);
  return { capabilities: { bounding: namesOf(bounding), inheritable: namesOf(sets.inheritable) } };
}
