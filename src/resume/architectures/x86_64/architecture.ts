import { x86InstructionSet } from "../../machine-code/x86_64/instruction-set.ts";
import type { Architecture } from "../architecture.ts";
import { damageOf } from "./damage.ts";
import { emitExtendedState } from "./extended-state.ts";
import { refuse } from "./refusals.ts";
import { emitRegisters } from "./registers.ts";
import { emitFsBase, emitGsBase } from "./segment-bases.ts";
import { vdsoFunction } from "./vdso.ts";

export const x86: Architecture = {
  name: "x86_64",
  instructions: x86InstructionSet,
  userSpaceEnds: [1n << 47n],
  openFlags: { DIRECT: 0o40000, DIRECTORY: 0o200000, NOFOLLOW: 0o400000 },
  epollEvent: { size: 12, data: 4 },
  ownerInStat: 28,
  stateOf: ({ thread_info: info }) =>
    info && {
      instruction: info.gpregs.ip,
      stack: info.gpregs.sp,
      threadPointer: info.gpregs.fs_base,
      clearTid: info.clear_tid_addr,
    },
  damageOf,
  refuse,
  // What the target lacks of the source's CPU decides: cpu/interrupted.ts.
  refusePlaces: () => {},
  vdsoFunction,
  emitStart: () => {},
  emitThreadPointer: emitFsBase,
  emitOwnState: emitGsBase,
  emitRegisters: (emission, thread) => {
    const state = emitExtendedState(emission, thread);
    return () => emitRegisters(emission, thread, state);
  },
};
