import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { openProcessMemory, type ReadContainerFile } from "./cpu/modules.ts";
import { noRedispatch, planRedispatch, type Redispatch } from "./cpu/redispatch.ts";
import { dataFilesOf, emitDataFiles } from "./data-files.ts";
import { writeElf } from "./elf/writer.ts";
import { type Emission, Temporaries } from "./emission.ts";
import { emitOpenFiles } from "./files/descriptors.ts";
import { emitTemporaryFiles } from "./files/make-temporary.ts";
import { emitUnlinkedFiles } from "./files/make-unlinked.ts";
import { emitControllingTerminal } from "./files/tty.ts";
import type { GroupPart } from "./group.ts";
import { emitIpcObjects } from "./ipc/objects.ts";
import { findLayout } from "./layout.ts";
import { Program } from "./machine-code/program.ts";
import { emitMapMeetingMemory } from "./memory/memory.ts";
import { refuseInconsistentSharedMemory } from "./memory/shared-consistency.ts";
import { emitSharedMemory } from "./memory/shared-memory.ts";
import type { ResumedProcess } from "./process.ts";
import { refuseWhatCannotBeCarried } from "./refusals.ts";
import { isListening } from "./sockets/inet/state.ts";
import { emitLoader, loaderSize } from "./start/loader.ts";
import { emitFirstStage, emitStatusFile } from "./start/stages.ts";
import type { ResumeTarget } from "./target.ts";
import { emitFamily, type FamilyMeeting } from "./tasks/family.ts";
import { emitDescriptorRoom } from "./tasks/identity.ts";
import { emitIdKeeping } from "./tasks/ids.ts";
import { emitProcess } from "./tasks/rebuild.ts";
import { processesOf, readTree, type TreeRoot } from "./tree.ts";

export interface CompileInput {
  readonly images: CheckpointImages;
  /** What the runtime says of descriptors 0, 1 and 2 (descriptors.json beside the images): `pipe:[4026]`, `/dev/null`. */
  readonly engineStdio: readonly string[];
  readonly readFile: ReadContainerFile;
  readonly target: ResumeTarget;
  /** Where the container has memory file systems of its own (`--tmpfs`), which the one on the target has too. */
  readonly temporaryFolders?: readonly string[];
  /**
   * How many seccomp filters the engine has given to the container, as it gives them to the one on the target. Default: 1; none for
   * `--security-opt seccomp=unconfined`.
   */
  readonly engineFilters?: number;
  /** Of a container that is resumed together with others. Default: it is resumed alone. */
  readonly group?: GroupPart | undefined;
  /** Descriptors of eventfds made with EFD_SEMAPHORE, which CRIU does not tell, as `<pid>:<descriptor>`. */
  readonly semaphores?: ReadonlySet<string>;
}

export interface CompiledResume {
  /** The program; its size does not depend on how much memory the process has. */
  readonly elf: Uint8Array;
  /** Names of the images that must lie beside the program. */
  readonly dataFiles: readonly string[];
  /** The living processes, the first one first. */
  readonly processes: readonly [ResumedProcess, ...ResumedProcess[]];
  /** What was chosen anew for which process. */
  readonly redispatches: ReadonlyMap<ResumedProcess, Redispatch>;
  /** The clocks at the dump; undefined when the images hold none. */
  readonly clocks: CheckpointImages["timens"];
  /** TCP ports that the tree listens on. */
  readonly listeningPorts: readonly number[];
  /** What is not quite as it was, for the user. */
  readonly notes: readonly string[];
}

const readExecute = 5;

/**
 * Compiles the images of a process tree to an ordinary x86_64 ELF program that rebuilds the processes around itself and jumps
 * to the interrupted instructions. A pure function of its inputs: it reads images and files, and changes nothing.
 * @throws MigrationError `cannot-carry` naming all that can't be carried; `image-corrupt`
 */
export function compileResume(input: CompileInput): CompiledResume {
  const { images, target, readFile } = input;
  const tree = readTree(images);
  refuseWhatCannotBeCarried(images, tree, input);
  refuseInconsistentSharedMemory(images, tree);
  const processes = processesOf(tree);
  for (const process of processes) process.architecture.refusePlaces(process, () => openProcessMemory(images, process, readFile));
  const redispatches = new Map(
    target.redispatch ? processes.map((process) => [process, planRedispatch(openProcessMemory(images, process, readFile))]) : [],
  );
  const { program, notes } = emit(input, tree, redispatches);
  const { code, data, scratch, shared, kernel } = program.sizes;
  const size = code + data + scratch + shared + kernel;
  const layout = findLayout(tree, BigInt(loaderSize + size));
  const image = program.link(layout.program);
  const content = new Uint8Array(loaderSize + image.length);
  content.set(emitLoader(program.instructions, layout, image.length, size));
  content.set(image, loaderSize);
  const segments = [{ address: layout.loader, flags: readExecute, content, memorySize: BigInt(content.length) }];
  if (target.execution === "emulated") segments.push(programBreakSegment(tree.process));
  return {
    elf: writeElf(program.instructions.elfMachine, layout.loader, segments),
    dataFiles: dataFilesOf(images, tree),
    processes,
    redispatches,
    clocks: images.timens,
    listeningPorts: listeningPortsOf(images),
    notes: [...notes, ...new Set([...redispatches.values()].flatMap(({ warnings }) => warnings))],
  };
}

function listeningPortsOf(images: CheckpointImages): number[] {
  return [
    ...new Set([...images.files.values()].flatMap(({ isk }) => (isk !== undefined && isListening(isk) ? [isk.src_port] : []))),
  ];
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
  tree: TreeRoot,
  redispatches: ReadonlyMap<ResumedProcess, Redispatch>,
): { program: Program; notes: readonly string[] } {
  const highest = processesOf(tree).reduce(
    (most, { descriptors }) => descriptors.reduce((high, { fd }) => Math.max(high, fd), most),
    2,
  );
  const statusDescriptor = Math.max(highest + 1, 64);
  const { architecture } = tree.process;
  const program = new Program(architecture.instructions, statusDescriptor);
  const temporaries = new Temporaries(program, statusDescriptor + 1);
  const { images, engineStdio, target, engineFilters = 1 } = input;
  const data = new Map<string, number>();
  const unlinked = new Map<number, number>();
  const common = {
    program,
    architecture,
    tree,
    process: tree.process,
    images,
    engineStdio,
    target,
    engineFilters,
    group: input.group,
    temporaries,
  };
  const shared = new Map<bigint, number>();
  const opened = new Map<number, number>();
  const semaphores = semaphoresOf(tree, input.semaphores);
  const emission: Emission = { ...common, data, unlinked, shared, opened, semaphores, notes: [] };

  architecture.emitStart(emission);
  if (target.execution === "emulated") emitFirstStage(emission);
  program.call("rt_sigprocmask", [2, program.words([-1n]), 0, 8], { expect: "ignore" });
  const family: FamilyMeeting = { complete: program.shared(), rebuilt: program.shared(), go: program.shared() };
  emitMapMeetingMemory(emission);
  emitDescriptorRoom(emission);
  emitStatusFile(program);
  program.call("umask", [0], { expect: "ignore" });
  for (const [name, descriptor] of emitDataFiles(emission, dataFilesOf(images, tree))) data.set(name, descriptor);
  emitTemporaryFiles(emission);
  for (const [id, descriptor] of emitUnlinkedFiles(emission)) unlinked.set(id, descriptor);
  for (const [key, descriptor] of emitSharedMemory(emission)) shared.set(key, descriptor);
  emitIpcObjects(emission);
  for (const [id, descriptor] of emitOpenFiles(emission)) opened.set(id, descriptor);
  emitControllingTerminal(emission, tree.pid);
  const emitNextId = emitIdKeeping(emission);
  emitFamily(emission, family, emitNextId, (process, threads) => {
    const redispatch = redispatches.get(process) ?? noRedispatch;
    emitProcess({ ...emission, process }, { threads, opened, shared, redispatch, family });
  });
  program.emitFailureRoutine();
  return { program, notes: emission.notes };
}

function semaphoresOf(tree: TreeRoot, known: CompileInput["semaphores"]): Set<number> {
  const all = processesOf(tree).flatMap(({ pid, descriptors }) => descriptors.map((descriptor) => ({ pid, ...descriptor })));
  return new Set(all.filter(({ pid, fd }) => known?.has(`${pid}:${fd}`)).map(({ id }) => id));
}
