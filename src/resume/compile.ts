import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { openProcessMemory, type ReadContainerFile } from "./cpu/modules.ts";
import { emitResolverCalls, noRedispatch, planRedispatch, type Redispatch } from "./cpu/redispatch.ts";
import { writeElf } from "./elf/writer.ts";
import { type Emission, Temporaries } from "./emission.ts";
import { emitDescriptorTable, emitOpenFiles } from "./emit/descriptors.ts";
import { emitExecutableLink, emitReserveHighAddresses, emitRseqWithout } from "./emit/emulator.ts";
import { emitEpollWatches } from "./emit/events.ts";
import { type ExtendedState, emitExtendedState } from "./emit/extended-state.ts";
import { emitGuards } from "./emit/guards.ts";
import { emitDescriptorRoom, emitDumpable, emitIdentity, emitLimits, emitMemoryMap } from "./emit/identity.ts";
import { emitLoader, loaderSize } from "./emit/loader.ts";
import { emitMemory, emitProtections, emitSeal, emitUnmapSurroundings } from "./emit/memory.ts";
import { emitPatches } from "./emit/patches.ts";
import { emitRegisters } from "./emit/registers.ts";
import { emitSharedMemory, sharedSegments } from "./emit/shared-memory.ts";
import { emitIntervalTimers, emitProcessSignals, emitSignalHandlers } from "./emit/signals.ts";
import { emitFirstStage, emitStatusFile } from "./emit/stages.ts";
import { emitMeet, emitSet, emitThreadCode, emitThreadCreation, emitThreadPreparation, makeMeeting } from "./emit/threads.ts";
import { vdsoPatches } from "./emit/vdso.ts";
import { findLayout } from "./layout.ts";
import { Program } from "./machine-code/program.ts";
import { type ResumedProcess, type ResumedThread, readProcess } from "./process.ts";
import { refuseWhatCannotBeCarried } from "./refusals.ts";
import { resumeDirectory } from "./resume-directory.ts";
import type { ResumeTarget } from "./target.ts";

export interface CompileInput {
  readonly images: CheckpointImages;
  /** What the runtime says of descriptors 0, 1 and 2 (descriptors.json beside the images): `pipe:[4026]`, `/dev/null`. */
  readonly engineStdio: readonly string[];
  readonly readFile: ReadContainerFile;
  readonly target: ResumeTarget;
}

export interface CompiledResume {
  /** The program; its size does not depend on how much memory the process has. */
  readonly elf: Uint8Array;
  /** Names of the CRIU pages files that must lie beside the program. */
  readonly pagesFiles: readonly string[];
  readonly process: ResumedProcess;
  readonly redispatch: Redispatch;
  /** What is not quite as it was, for the user. */
  readonly notes: readonly string[];
}

const readExecute = 5;

/**
 * Compiles the images of a process to an ordinary x86_64 ELF program that rebuilds the process around itself and jumps
 * to the interrupted instructions. A pure function of its inputs: it reads images and files, and changes nothing.
 * @throws MigrationError `cannot-carry` naming all that can't be carried; `image-corrupt`
 */
export function compileResume(input: CompileInput): CompiledResume {
  const process = readProcess(input.images);
  refuseWhatCannotBeCarried(input.images, process, input.engineStdio);
  const redispatch = input.target.redispatch
    ? planRedispatch(openProcessMemory(input.images, process, input.readFile))
    : noRedispatch;
  const { program, notes } = emit(input, process, redispatch);
  const { code, data, scratch } = program.sizes;
  const layout = findLayout(process, BigInt(loaderSize + code + data + scratch));
  const image = program.link(layout.program);
  const content = new Uint8Array(loaderSize + image.length);
  content.set(emitLoader(layout, image.length, code + data + scratch));
  content.set(image, loaderSize);
  const segments = [{ address: layout.loader, flags: readExecute, content, memorySize: BigInt(content.length) }];
  if (input.target.execution === "emulated") segments.push(programBreakSegment(process));
  return { elf: writeElf(layout.loader, segments), pagesFiles: pagesFilesOf(input.images, process), process, redispatch, notes };
}

function pagesFilesOf(images: CheckpointImages, process: ResumedProcess): string[] {
  const maps = [process.pagemap, ...sharedSegments({ process, images }).map(({ pagemap }) => pagemap)];
  return [...new Set(maps.flatMap((map) => (map === undefined ? [] : [map.pagesFile])))];
}

/** In qemu-user the initial program break is the end of the highest segment (linux-user/elfload.c): this one ends where the process's heap begins. */
function programBreakSegment({ memory }: ResumedProcess): {
  address: bigint;
  flags: number;
  content: Uint8Array<ArrayBuffer>;
  memorySize: bigint;
} {
  const page = memory.mm_start_brk & -4096n;
  return { address: page - 4096n, flags: 6, content: new Uint8Array(), memorySize: 4096n + memory.mm_start_brk - page };
}

function emit(
  input: CompileInput,
  process: ResumedProcess,
  redispatch: Redispatch,
): { program: Program; notes: readonly string[] } {
  const highest = process.descriptors.reduce((most, { fd }) => Math.max(most, fd), 2);
  const statusDescriptor = Math.max(highest + 1, 64);
  const program = new Program(statusDescriptor);
  const temporaries = new Temporaries(program, statusDescriptor + 1);
  const emission: Emission = { program, process, images: input.images, target: input.target, temporaries, notes: [] };
  const native = input.target.execution === "native";
  const [main] = process.threads;

  if (!native) emitFirstStage(emission);
  program.call("rt_sigprocmask", [2, program.words([-1n]), 0, 8], { expect: "ignore" });
  emitDescriptorRoom(emission);
  emitStatusFile(program);
  program.call("umask", [0], { expect: "ignore" });
  const opened = emitOpenFiles(emission, input.engineStdio);
  const pagesDescriptor = emitPagesFiles(emission);
  const shared = emitSharedMemory(emission, pagesDescriptor);
  const meeting = makeMeeting(emission);
  const threads = emitThreadCreation(emission);
  emitDescriptorTable(emission, opened);

  const vdso = vdsoPatches(emission);
  const patches = [...vdso, ...redispatch.patches];
  const patched = [...patches.map(({ address }) => address), ...redispatch.slots.map(({ slot }) => slot)];
  if (native) emitUnmapSurroundings(emission);
  else program.call("brk", [process.memory.mm_brk], { expect: "ignore" });
  emitMemory(emission, { pages: process.pagemap && pagesDescriptor(process.pagemap.pagesFile), shared }, patched);
  emitPatches(emission, patches);
  if (!native) emitRseqWithout(emission);
  program.call("arch_prctl", [0x1002, main.info.gpregs.fs_base], { describe: "FS base" });
  emitResolverCalls(emission, redispatch.slots);
  emitProtections(emission, patched);
  emitGuards(emission);

  if (native) emitMemoryMap(emission);
  emitEpollWatches(emission);
  emitIdentity(emission);
  temporaries.closeAll();
  emitLimits(emission);
  emitSignalHandlers(emission);
  emitIntervalTimers(emission);
  if (native) program.call("set_tid_address", [main.info.clear_tid_addr], { expect: "ignore" });
  if (!native) emitReserveHighAddresses(emission);
  if (!native) emitExecutableLink(emission);
  const states = new Map<ResumedThread, ExtendedState>(
    process.threads.map((thread) => [thread, emitExtendedState(emission, thread)]),
  );
  emitMeet(emission, meeting, threads.length);
  emitProcessSignals(emission);
  emitThreadPreparation(emission, main);
  emitDumpable(emission);
  const resumed = program.text("resumed\n");
  program.call("write", [statusDescriptor, resumed, 8], { expect: "ignore" });
  program.call("close", [statusDescriptor], { expect: "ignore" });
  emitSeal(emission);
  emitSet(program, meeting.go);
  emitRegisters(emission, main, states.get(main)!);
  for (const { thread, code } of threads) emitThreadCode(emission, thread, code, meeting, states.get(thread)!);
  program.emitFailureRoutine();
  return { program, notes: emission.notes };
}

/** Opens the pages files, each once. */
function emitPagesFiles(emission: Emission): (pagesFile: string) => number {
  const { program, temporaries } = emission;
  const descriptors = new Map<string, number>();
  for (const file of pagesFilesOf(emission.images, emission.process)) {
    program.call("open", [program.text(`${resumeDirectory}/${file}`), 0, 0], { describe: `open ${file}` });
    descriptors.set(file, temporaries.adopt(file));
  }
  return (file) => descriptors.get(file)!;
}
