import { pageSize } from "../../criu/images/flags.ts";
import type { MemoryPatch } from "../memory/patches.ts";
import { type ResumedThread, userVmas } from "../process.ts";
import type { ProcessMemory } from "./modules.ts";

/** What a kernel has put on a stack before it entered a signal handler. */
export interface SignalFrame {
  readonly tid: number;
  /** Address of the XSAVE area, in the standard format, that rt_sigreturn loads. */
  readonly state: bigint;
  /** Where the thread was when the signal came. */
  readonly instruction: bigint;
  readonly stackPointer: bigint;
  /** Bytes of the area. */
  readonly size: number;
  /** Components that the area holds (XSTATE_BV). */
  readonly components: bigint;
}

/** struct _fpx_sw_bytes, within the XSAVE area (arch/x86/include/uapi/asm/sigcontext.h). */
const software = { magic: 464, extendedSize: 468, features: 472, stateSize: 480 } as const;
const firstMagic = Buffer.from("SXPF");
const secondMagic = 0x46505845;
const header = 512;
/** The area stands so far above its struct rt_sigframe, both aligned as arch/x86/kernel/signal.c, get_sigframe, does it. */
const frameSize = 456;
/** Offsets in struct rt_sigframe (arch/x86/include/asm/sigframe.h). */
const frameOffset = { stackPointer: 168, instruction: 176, codeSegment: 192, state: 232 } as const;
const userCodeSegment = 0x33;
/** x87, SSE and AVX, and where they end in the standard format (Intel SDM volume 1, 13.4). */
const kept = { components: 7n, size: 832 } as const;
/** How far up a stack is looked through: Linux's default for its size. */
const reach = 8n << 20n;

/**
 * The frames of all handlers that have not returned: those on the stack that a thread is on, and on the stacks that these lead to.
 * What else looks like one is a rest of an old frame, which nobody reads.
 */
export function findSignalFrames(memory: ProcessMemory): SignalFrame[] {
  return memory.process.threads.flatMap((thread) => framesOf(memory, thread));
}

function framesOf(memory: ProcessMemory, { tid, state }: ResumedThread): SignalFrame[] {
  const found = new Map<bigint, SignalFrame>();
  const starts = [state.stack];
  for (let start = starts.pop(); start !== undefined; start = starts.pop()) {
    for (const { address, bytes } of stackParts(memory, start)) {
      for (let at = bytes.indexOf(firstMagic); at !== -1; at = bytes.indexOf(firstMagic, at + 1)) {
        const area = address + BigInt(at - software.magic);
        const frame = found.has(area) ? undefined : readFrame(memory, tid, area);
        if (frame === undefined) continue;
        found.set(area, frame);
        starts.push(frame.stackPointer);
      }
    }
  }
  return [...found.values()];
}

/** The dumped memory of a stack from an address up. */
function stackParts(memory: ProcessMemory, start: bigint): { readonly address: bigint; readonly bytes: Buffer }[] {
  const vma = userVmas(memory.process).find((vma) => start >= vma.start && start < vma.end);
  if (vma === undefined) return [];
  const end = start + reach < vma.end ? start + reach : vma.end;
  return (memory.process.pagemap?.runs ?? []).flatMap((run) => {
    const from = run.address > start ? run.address : start;
    const runEnd = run.address + BigInt(run.pages * pageSize);
    const to = runEnd < end ? runEnd : end;
    const bytes = from < to ? memory.read(from, Number(to - from)) : undefined;
    return bytes === undefined ? [] : [{ address: from, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) }];
  });
}

function readFrame(memory: ProcessMemory, tid: number, state: bigint): SignalFrame | undefined {
  const frame = state - BigInt(frameSize);
  const word = (offset: number): bigint | undefined => memory.read64(frame + BigInt(offset));
  const size = memory.read32(state + BigInt(software.stateSize));
  const [instruction, stackPointer, segments] = [
    word(frameOffset.instruction),
    word(frameOffset.stackPointer),
    word(frameOffset.codeSegment),
  ];
  const components = memory.read64(state + BigInt(header));
  if (size === undefined || instruction === undefined || stackPointer === undefined || components === undefined) return undefined;
  const isFrame =
    word(frameOffset.state) === state &&
    ((segments ?? 0n) & 0xffffn) === BigInt(userCodeSegment) &&
    memory.read32(state + BigInt(size)) === secondMagic;
  return isFrame ? { tid, state, size, instruction, stackPointer, components } : undefined;
}

/**
 * Frames that a CPU with more features has made are cut down to x87, SSE and AVX. qemu-user (since 7.2) loads the area with
 * XRSTOR, which faults for components it does not have, outside of any instruction, and so the emulator dies
 * (linux-user/i386/signal.c, xrstor_sigcontext; target/i386/tcg/fpu_helper.c, do_xrstor). A kernel would load x87 and SSE only, since the
 * area is larger than its own (arch/x86/kernel/fpu/signal.c, check_xstate_in_sigframe).
 */
export function cutSignalFrames(memory: ProcessMemory): MemoryPatch[] {
  return findSignalFrames(memory).flatMap(({ state, size, components }) =>
    size <= kept.size
      ? []
      : [
          { address: state + BigInt(software.extendedSize), bytes: words(kept.size + 4) },
          { address: state + BigInt(software.features), bytes: words(Number(kept.components), 0) },
          { address: state + BigInt(software.stateSize), bytes: words(kept.size) },
          { address: state + BigInt(header), bytes: words(Number(components & kept.components), 0) },
          { address: state + BigInt(kept.size), bytes: words(secondMagic) },
        ],
  );
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  for (const [index, value] of values.entries()) new DataView(bytes.buffer).setUint32(4 * index, value, true);
  return bytes;
}
