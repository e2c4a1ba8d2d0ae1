import type { Redispatch } from "../cpu/redispatch.ts";
import { emitResolverCalls } from "../cpu/redispatch.ts";
import type { Emission } from "../emission.ts";
import { emitDescriptorTable, emitFinishFiles } from "../files/descriptors.ts";
import type { OpenedFiles } from "../files/kind.ts";
import { emitFileLocks } from "../files/locks.ts";
import { emitGuards } from "../memory/guards.ts";
import {
  emitLocks,
  emitMemory,
  emitProtections,
  emitSeal,
  emitUnmapMeetingMemory,
  emitUnmapSurroundings,
  type SharedMemory,
} from "../memory/memory.ts";
import { emitPatches } from "../memory/patches.ts";
import { vdsoPatches } from "../memory/vdso.ts";
import { emitExecutableLink, emitReserveHighAddresses, emitRseqWithout } from "../start/emulator.ts";
import { emitFamilyMeeting, type FamilyMeeting } from "./family.ts";
import { emitGroupMeeting } from "./group-meeting.ts";
import { emitDumpable, emitIdentity, emitLimits, emitMemoryMap, emitRoot } from "./identity.ts";
import { emitPosixTimers } from "./posix-timers.ts";
import { emitIntervalTimers, emitProcessSignals, emitSignalHandlers } from "./signals.ts";
import { emitMeet, emitThreadCode, emitThreadPreparation, makeMeeting, type WaitingThread } from "./threads.ts";

export interface ProcessParts {
  readonly threads: readonly WaitingThread[];
  /** Temporary descriptors by file id. */
  readonly opened: OpenedFiles;
  readonly shared: SharedMemory;
  readonly redispatch: Redispatch;
  readonly family: FamilyMeeting;
}

/** Rebuilds a process around itself, meets the others, and goes on in its program; then the code of its threads. */
export function emitProcess(emission: Emission, { threads, opened, shared, redispatch, family }: ProcessParts): void {
  const { program, process, target, temporaries, tree, architecture } = emission;
  const native = target.execution === "native";
  const [main] = process.threads;
  emitDescriptorTable(emission, opened);

  const patches = [...vdsoPatches(emission), ...redispatch.patches];
  const patched = [...patches.map(({ address }) => address), ...redispatch.slots.map(({ slot }) => slot)];
  if (native) emitUnmapSurroundings(emission);
  else program.call("brk", [process.memory.mm_brk], { expect: "ignore" });
  emitMemory(emission, shared, patched);
  emitPatches(emission, patches);
  if (!native) emitRseqWithout(emission);
  architecture.emitThreadPointer(emission, main.state.threadPointer);
  emitResolverCalls(emission, redispatch.slots);
  emitProtections(emission, patched);
  emitLocks(emission);
  emitGuards(emission);

  if (native) emitMemoryMap(emission);
  emitFinishFiles(emission);
  emitIdentity(emission);
  temporaries.closeAll();
  emitFileLocks(emission);
  emitLimits(emission);
  emitSignalHandlers(emission);
  emitIntervalTimers(emission);
  emitPosixTimers(emission);
  if (native) program.call("set_tid_address", [main.state.clearTid], { expect: "ignore" });
  if (!native) emitReserveHighAddresses(emission);
  if (!native && process === tree.process) emitExecutableLink(emission);
  emitRoot(emission);
  const endings = new Map(process.threads.map((thread) => [thread, architecture.emitRegisters(emission, thread)]));
  const meeting = makeMeeting(emission);
  emitMeet(emission, meeting, threads.length);
  emitProcessSignals(emission);
  emitThreadPreparation(emission, main);
  emitDumpable(emission);
  emitFamilyMeeting(emission, family, () => {
    emitGroupMeeting(emission);
    program.call("write", [program.statusDescriptor, program.text("resumed\n"), 8], { expect: "ignore" });
  });
  program.call("close", [program.statusDescriptor], { expect: "ignore" });
  emitUnmapMeetingMemory(emission);
  emitSeal(emission);
  program.set(meeting.go);
  endings.get(main)!();
  for (const { thread, code } of threads) emitThreadCode(emission, thread, code, meeting, endings.get(thread)!);
}
