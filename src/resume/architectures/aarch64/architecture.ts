import { Aarch64Assembler } from "../../machine-code/aarch64/assembler.ts";
import { aarch64InstructionSet } from "../../machine-code/aarch64/instruction-set.ts";
import type { Architecture } from "../architecture.ts";
import { damageOf } from "./damage.ts";
import { emitKeepVdso } from "./kernel-vdso.ts";
import { refuse } from "./refusals.ts";
import { emitRegisters } from "./registers.ts";
import { refuseScalableVectors } from "./scalable-vectors.ts";
import { vdsoFunction } from "./vdso.ts";

export const aarch64: Architecture = {
  name: "aarch64",
  instructions: aarch64InstructionSet,
  // CONFIG_ARM64_VA_BITS: 48 (or 52, of which programs get 48 unless they ask), and 39 on Android.
  userSpaceEnds: [1n << 48n, 1n << 39n],
  // arch/arm64/include/uapi/asm/fcntl.h
  openFlags: { DIRECT: 0o200000, DIRECTORY: 0o40000, NOFOLLOW: 0o100000 },
  epollEvent: { size: 16, data: 8 },
  ownerInStat: 24,
  stateOf: ({ ti_aarch64: info }) =>
    info && {
      instruction: info.gpregs.pc,
      stack: info.gpregs.sp,
      threadPointer: info.tls,
      clearTid: info.clear_tid_addr,
    },
  damageOf,
  refuse,
  refusePlaces: refuseScalableVectors,
  vdsoFunction,
  emitStart: emitKeepVdso,
  emitThreadPointer: ({ program }, value) => {
    const code = Aarch64Assembler.of(program.code);
    code.move("temporary", value);
    code.setThreadPointer("temporary");
  },
  emitOwnState: () => {},
  emitRegisters,
};
