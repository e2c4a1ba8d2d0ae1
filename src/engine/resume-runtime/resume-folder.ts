import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, link, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { compressedImageOf } from "../../criu/images/temporary-file-systems.ts";
import { capabilitiesOf, namesOf, startingCapabilities } from "../../resume/capabilities.ts";
import type { CompiledResume } from "../../resume/compile.ts";
import { commandLine, type EmulatorStart } from "../../resume/emulators/emulator.ts";
import { files } from "../../resume/resume-directory.ts";
import { type RuntimeConfiguration, resumedConfiguration } from "./bundle-configuration.ts";
import { type BundleEdit, bundleEditScript, resumeMounts } from "./bundle-edit.ts";
import { type ClockKeeper, clocksFile } from "./clocks.ts";
import { bundleEditFile, type ResumeFolders, resumedConfigurationFile, targetPaths } from "./wrapper.ts";

export interface ResumeFolderOptions {
  readonly compiled: CompiledResume;
  /** The images of which it was compiled: some are needed beside the program. */
  readonly imageDirectory: string;
  /** The id of the container that is to be resumed. */
  readonly containerId: string;
  /** Who gives the container the source's clocks; undefined: it has its machine's. */
  readonly clocks?: ClockKeeper | undefined;
  /** How the program is run when the target's kernel does not know it: as it was compiled for. */
  readonly emulator?: EmulatorStart | undefined;
  /** The container's configuration, where no engine writes it. */
  readonly configuration?: RuntimeConfiguration | undefined;
  /** Where the runtime on the target looks for resumes. Default: its usual places. */
  readonly folders?: ResumeFolders;
}

/**
 * Writes what the runtime on a target needs to resume a program: the program, its data, the edit of the bundle's
 * configuration and the clocks. All of it holds the processes' memory, so it is readable by its owner only.
 */
export async function writeResumeFolder(folder: string, options: ResumeFolderOptions): Promise<void> {
  const { compiled, imageDirectory, clocks } = options;
  await writeResumeProgram(folder, compiled, imageDirectory);
  const [name, text] = configurationOf(options);
  await writeFile(join(folder, name), text, { mode: 0o600 });
  if (clocks !== undefined) await writeClocks(folder, compiled);
}

/** The name of a file, and what is in it: the edit of the configuration that an engine writes, or the edited configuration itself. */
function configurationOf(options: ResumeFolderOptions): [name: string, text: string] {
  const { compiled, containerId, clocks, emulator, configuration, folders = targetPaths } = options;
  const capabilities = capabilitiesAtStart(compiled);
  const sourceClocks = clocks === "runtime";
  if (configuration === undefined)
    return [bundleEditFile, bundleEditScript({ containerId, capabilities, timeNamespace: sourceClocks, emulator }, folders)];
  const command = emulator === undefined ? [files.program] : commandLine(emulator, files);
  const mounts = resumeMounts(`${folders.resumed}/${containerId}`, emulator);
  const resumed = resumedConfiguration(configuration, { command, capabilities, mounts, sourceClocks });
  return [resumedConfigurationFile, `${JSON.stringify(resumed)}\n`];
}

/** Writes the program, and beside it the images that it reads. The folder is made. */
export async function writeResumeProgram(folder: string, compiled: CompiledResume, imageDirectory: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, basename(files.program)), compiled.elf, { mode: 0o700 });
  for (const name of compiled.dataFiles) await putData(imageDirectory, folder, name);
}

/** Writes the container's clocks at the dump, as CRIU saw them. */
export async function writeClocks(folder: string, { clocks }: CompiledResume): Promise<void> {
  const { monotonic, boottime } = clocks!;
  const text = `${monotonic.tv_sec} ${monotonic.tv_nsec} ${boottime.tv_sec} ${boottime.tv_nsec}\n`;
  await writeFile(join(folder, clocksFile), text, { mode: 0o600 });
}

/** The sets with which the first process begins, as `CAP_…` names. */
export function capabilitiesAtStart({ processes }: CompiledResume): BundleEdit["capabilities"] {
  const { inheritable } = capabilitiesOf(processes[0].threads[0].core.creds!);
  return { bounding: namesOf(startingCapabilities(processes)), inheritable: namesOf(inheritable) };
}

/** The contents of a memory file system are read by offset, so they are not compressed any more. */
async function putData(imageDirectory: string, folder: string, name: string): Promise<void> {
  const image = compressedImageOf(name);
  if (image === undefined) await linkOrCopy(join(imageDirectory, name), join(folder, name));
  else
    await pipeline(
      createReadStream(join(imageDirectory, image)),
      createGunzip(),
      createWriteStream(join(folder, name), { mode: 0o600 }),
    );
}

/** Pages are not copied where both folders lie on one file system. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}
