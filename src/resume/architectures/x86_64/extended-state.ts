import type { Emission } from "../../emission.ts";
import { at, type Place } from "../../machine-code/assembler.ts";
import { X86Assembler } from "../../machine-code/x86_64/assembler.ts";
import type { ResumedThread } from "../../process.ts";
import { stateOfX86 } from "./state.ts";

/** Offsets in the XSAVE area (Intel SDM volume 1, 13.4): the legacy part and the header are fixed, AVX stands at 576 everywhere. */
const area = { size: 4096, legacyStack: 32, xmm: 160, header: 512, ymmHigh: 576 } as const;
const component = { x87: 0, sse: 1, avx: 2, opmask: 5, zmmHigh: 6, zmmUpper: 7 } as const;
const bit = (number: number): bigint => 1n << BigInt(number);
const avx512 = bit(component.opmask) | bit(component.zmmHigh) | bit(component.zmmUpper);

export interface ExtendedState {
  readonly place: Place;
  /** The components to load. */
  readonly mask: bigint;
}

/**
 * Builds the XSAVE area of a thread: x87, SSE and AVX state always, AVX-512 state where the target has it. Elsewhere
 * AVX-512 state is left out: in a thread that waits in a system call it is a dead rest of glibc's string functions.
 */
export function emitExtendedState(emission: Emission, thread: ResumedThread): ExtendedState {
  const { program, target } = emission;
  const { fpregs } = stateOfX86(thread);
  const saved = fpregs.xsave;
  const present = saved?.xstate_bv ?? 3n;
  const content = new Uint8Array(area.size);
  const view = new DataView(content.buffer);
  view.setUint16(0, fpregs.cwd, true);
  view.setUint16(2, fpregs.swd, true);
  view.setUint16(4, fpregs.twd & 0xffff, true);
  view.setUint16(6, fpregs.fop, true);
  view.setBigUint64(8, fpregs.rip, true);
  view.setBigUint64(16, fpregs.rdp, true);
  view.setUint32(24, fpregs.mxcsr, true);
  for (const [index, value] of fpregs.st_space.slice(0, 32).entries()) view.setUint32(area.legacyStack + 4 * index, value, true);
  for (const [index, value] of fpregs.xmm_space.slice(0, 64).entries()) view.setUint32(area.xmm + 4 * index, value, true);
  for (const [index, value] of (saved?.ymmh_space ?? []).slice(0, 64).entries())
    view.setUint32(area.ymmHigh + 4 * index, value, true);
  const high = target.avx512 ? present & avx512 : 0n;
  const mask = bit(component.x87) | bit(component.sse) | bit(component.avx) | (target.avx512 ? avx512 : 0n);
  view.setBigUint64(area.header, bit(component.x87) | bit(component.sse) | (present & bit(component.avx)) | high, true);
  const place = program.bytes(content, 64);
  if (saved !== undefined && high !== 0n) {
    for (const [number, values] of [
      [component.opmask, saved.opmask_reg],
      [component.zmmHigh, saved.zmm_upper],
      [component.zmmUpper, saved.hi16_zmm],
    ] as const) {
      if ((high & bit(number)) !== 0n) emitComponent(emission, place, number, values);
    }
  }
  return { place, mask };
}

/** Copies a component to where the target's CPU has it: the offsets differ between vendors (CPUID leaf 0xD). */
function emitComponent({ program }: Emission, place: Place, number: number, values: readonly bigint[]): void {
  const code = X86Assembler.of(program.code);
  const source = program.words(values);
  code.move("rax", 0xdn);
  code.move("rcx", BigInt(number));
  code.cpuid();
  code.loadAddress("rdi", place);
  code.add("rdi", "rbx");
  code.loadAddress("rsi", source);
  code.move("rcx", BigInt(values.length * 8));
  code.copyBytes();
}

/** Loads the state. rax, rdx and rdi are lost. */
export function emitLoadExtendedState({ program }: Emission, { place, mask }: ExtendedState): void {
  const code = X86Assembler.of(program.code);
  code.move("rax", mask);
  code.move("rdx", 0n);
  code.loadAddress("rdi", at(place.label));
  code.restoreExtendedState();
}
