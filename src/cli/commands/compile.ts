import { type Command, Option } from "commander";
import type { CompiledImages } from "../../standalone/compile-images.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import type { CommandWork } from "../run-command.ts";
import type { Session } from "../session.ts";
import type { RunWork } from "./run-work.ts";
import { jsonOption } from "./shared-options.ts";

const examples = `
Examples:
  $ runc checkpoint --leave-running --image-path images web
  $ migrate-container compile images --rootfs bundle/rootfs --output web-resume
  $ migrate-container compile images --rootfs rootfs --output web-resume --target-arch x86_64 --config bundle/config.json

The folder holds a README that says how to run it. Exit status: 0 compiled, 1 failed, 2 wrong usage.`;

interface CompileOptions {
  readonly rootfs: string;
  readonly output: string;
  readonly targetArch: "aarch64" | "x86_64";
  readonly config?: string;
  readonly tmpfs: readonly string[];
  readonly emulatorVersion?: string;
  readonly cpu?: true;
}

export function addCompileCommand(program: Command, runWork: RunWork): void {
  program
    .command("compile")
    .summary("compile CRIU images to a program that resumes them")
    .description(
      "Compiles a folder of CRIU images, from anywhere, to a program that makes the processes again and goes on where they were, under an " +
        "OCI runtime on ARM64 or x86_64. Low-level: it neither freezes nor moves anything.",
    )
    .argument("<image-dir>", "folder with CRIU's images")
    .requiredOption("--rootfs <dir>", "the container's root file system as it was at the dump")
    .requiredOption("--output <dir>", "folder to write to; empty, or not there yet")
    .addOption(
      new Option("--target-arch <architecture>", "the machine that it will run on")
        .choices(["aarch64", "x86_64"])
        .default("aarch64"),
    )
    .option("--config <file>", "config.json of the container that was dumped (default: a plain container)")
    .option(
      "--tmpfs <path>",
      "where the container had a memory file system of its own; may be repeated",
      (path: string, paths: readonly string[]) => [...paths, path],
      [] as readonly string[],
    )
    .option("--emulator-version <version>", "QEMU's version on the ARM64 machine (default: what any may lack is assumed)")
    .option("--cpu", "tell what is chosen anew for a CPU with less features")
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (imageDirectory: string, options: CompileOptions, command: Command) => {
      await runWork(command, compileWork(imageDirectory, options));
    });
}

function compileWork(imageDirectory: string, options: CompileOptions): CommandWork {
  return {
    failure: "Not compiled",
    stateAfterFailure: [],
    onInterrupt: () => "ending.",
    leftBehind: () => [],
    run: (session) => runCompile(imageDirectory, options, session),
  };
}

async function runCompile(imageDirectory: string, options: CompileOptions, session: Session): Promise<ExitCode> {
  const { library, json, print, outputLook } = session;
  const compiled = await library.compileImages({
    imageDirectory,
    rootfs: options.rootfs,
    output: options.output,
    targetArchitecture: options.targetArch,
    configuration: options.config,
    temporaryFolders: options.tmpfs,
    emulatorVersion: options.emulatorVersion,
  });
  print(json ? [toJson(compiled, 2)] : lines(compiled, options.cpu === true, outputLook));
  return exitCodes.done;
}

function lines(compiled: CompiledImages, showCpu: boolean, { style, symbols }: Session["outputLook"]): string[] {
  const { output, programBytes, processes, threads, notes, cpu } = compiled;
  const what = `${count(processes, "process", "processes")}, ${count(threads, "thread")}`;
  return [
    style.green(`${symbols.tick} ${output}: ${what}; the program has ${formatBytes(programBytes)}`),
    ...[...notes, ...(showCpu ? cpu : [])].map((note) => `  ${symbols.bullet} ${note}`),
    `Next: ${output}/README says how to run it.`,
  ];
}
