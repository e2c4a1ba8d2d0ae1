import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { openCheckpoint } from "../criu/images/open-checkpoint.ts";
import { capabilitiesAtStart, writeClocks, writeResumeProgram } from "../engine/resume-runtime/resume-folder.ts";
import { MigrationError } from "../errors.ts";
import { rootFileReader } from "../migration/container-files.ts";
import { architectureOf } from "../resume/architectures/architectures.ts";
import { type CompiledResume, compileResume } from "../resume/compile.ts";
import { describeRedispatches } from "../resume/cpu/redispatch.ts";
import { qemuUser } from "../resume/emulators/qemu-user.ts";
import { emulatedTarget, nativeArm64Target, type ResumeTarget } from "../resume/target.ts";
import { resumeConfiguration } from "./bundle.ts";
import { readme } from "./readme.ts";
import { runScript } from "./run-script.ts";

export interface CompileImagesOptions {
  /** A folder with CRIU's images, from anywhere: `runc checkpoint`, `podman container checkpoint`, `criu dump`. */
  readonly imageDirectory: string;
  /** The root file system of the container that was dumped, as it was then. */
  readonly rootfs: string;
  /** Where the program goes; made, and must be empty. */
  readonly output: string;
  /** `aarch64`: for an emulator, or natively where the images are of ARM64; `x86_64`: for this machine's CPU or one that has as much. */
  readonly targetArchitecture: "aarch64" | "x86_64";
  /** The config.json of the container that was dumped. Default: a plain one. */
  readonly configuration?: string | undefined;
  /** Where the container had memory file systems of its own (`--tmpfs`). */
  readonly temporaryFolders?: readonly string[];
  /** QEMU's version there: `7.2`. Default: the worst is assumed. */
  readonly emulatorVersion?: string | undefined;
}

export interface CompiledImages {
  readonly output: string;
  /** Bytes of the program, without its data. */
  readonly programBytes: number;
  readonly processes: number;
  readonly threads: number;
  /** Names of the images that lie beside the program. */
  readonly dataFiles: readonly string[];
  readonly capabilities: readonly string[];
  readonly notes: readonly string[];
  /** What was chosen anew for a CPU with less. */
  readonly cpu: readonly string[];
}

/**
 * Compiles CRIU's images to a program that resumes them, with what an OCI runtime needs to run it.
 * @throws MigrationError `cannot-carry`, `image-corrupt`, `image-unsupported`, `usage`
 */
export async function compileImages(options: CompileImagesOptions): Promise<CompiledImages> {
  const { imageDirectory, output, temporaryFolders = [] } = options;
  await makeEmpty(output);
  const configuration = options.configuration === undefined ? undefined : await readJson(options.configuration);
  using images = await openCheckpoint(imageDirectory);
  const compiled = compileResume({
    images,
    engineStdio: await readDescriptors(imageDirectory),
    readFile: rootFileReader(options.rootfs),
    target: targetOf(options, images),
    temporaryFolders,
    ...(hasNoFilter(configuration) ? { engineFilters: 0 } : {}),
  });
  const program = join(output, "program");
  await writeResumeProgram(program, compiled, imageDirectory);
  await writeFile(join(program, "status"), "", { mode: 0o600 });
  await writeClocks(output, compiled);
  for (const [name, sourceClocks] of [
    ["config.json", true],
    ["own-clocks-config.json", false],
  ] as const) {
    const config = resumeConfiguration(compiled, configuration, sourceClocks);
    await writeFile(join(output, name), `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  }
  await writeFile(join(output, "run"), runScript(), { mode: 0o700 });
  await writeFile(join(output, "README"), readme(compiled, options), { mode: 0o600 });
  return summaryOf(compiled, output);
}

/** CPU features are those of this machine, on which the images need not have been made: what they chose is chosen anew where it matters. */
function targetOf(
  { targetArchitecture: architecture, emulatorVersion }: CompileImagesOptions,
  images: CheckpointImages,
): ResumeTarget {
  const [first] = images.pstree;
  const dumped = first && architectureOf(images.core(first.pid));
  if (architecture === "aarch64" && dumped?.name === "aarch64") return nativeArm64Target;
  if (architecture === "aarch64") return emulatedTarget(qemuUser(emulatorVersion));
  return { architecture: "x86_64", execution: "native", avx512: true, redispatch: false, lacks: new Set() };
}

/** Whether the configuration says that the container has no seccomp profile; one that is not given says nothing. */
function hasNoFilter(configuration: unknown): boolean {
  const linux = (configuration as { readonly linux?: { readonly seccomp?: unknown } } | undefined)?.linux;
  return linux !== undefined && linux.seccomp === undefined;
}

function summaryOf(compiled: CompiledResume, output: string): CompiledImages {
  return {
    output,
    programBytes: compiled.elf.length,
    processes: compiled.processes.length,
    threads: compiled.processes.reduce((sum, { threads }) => sum + threads.length, 0),
    dataFiles: compiled.dataFiles,
    capabilities: capabilitiesAtStart(compiled).bounding,
    notes: compiled.notes,
    cpu: describeRedispatches(compiled.redispatches),
  };
}

async function makeEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length === 0) return;
  throw new MigrationError("usage", `the folder ${folder} is not empty`, { remedy: "Name a folder that is empty or not there." });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new MigrationError("usage", `${file} can't be read as JSON`, {
      remedy: "Name the config.json of the container.",
      cause,
    });
  }
}

/** runc writes beside the images what descriptors 0, 1 and 2 were; where nobody did, none of them is an engine's. */
async function readDescriptors(imageDirectory: string): Promise<string[]> {
  const text = await readFile(join(imageDirectory, "descriptors.json"), "utf8").catch(() => "[]");
  return JSON.parse(text) as string[];
}
