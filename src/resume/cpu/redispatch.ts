import type { Emission } from "../emission.ts";
import { at } from "../machine-code/assembler.ts";
import { X86Assembler } from "../machine-code/x86_64/assembler.ts";
import type { MemoryPatch } from "../memory/patches.ts";
import type { ResumedProcess } from "../process.ts";
import { forgetFeatures } from "./glibc-features.ts";
import { findIndirectFunctionSlots, type IndirectFunctionSlot } from "./indirect-functions.ts";
import { refuseInsideAvx512 } from "./interrupted.ts";
import { redirectLazyResolver } from "./lazy-resolver.ts";
import type { ProcessMemory } from "./modules.ts";
import { forgetOpensslFeatures } from "./openssl.ts";
import { findOwnChoices } from "./own-choices.ts";
import { cutSignalFrames } from "./signal-frames.ts";
import { replaceAvx512Implementations } from "./simd-implementations.ts";

/** What must change so that choices made by the source's CPU fit the target's. */
export interface Redispatch {
  readonly patches: readonly MemoryPatch[];
  readonly slots: readonly IndirectFunctionSlot[];
  /** What the patches are about, for people. */
  readonly changes: readonly string[];
  /** What the process may have chosen for itself and can't be chosen anew. */
  readonly warnings: readonly string[];
}

const changes: Readonly<Record<string, (memory: ProcessMemory) => MemoryPatch[]>> = {
  "glibc forgets CPU features": forgetFeatures,
  "OpenSSL forgets CPU features": forgetOpensslFeatures,
  "ld.so's trampolines jump to those without XSAVEC": redirectLazyResolver,
  "SIMD functions for AVX-512 become those for AVX2": replaceAvx512Implementations,
  "the state in signal frames is cut to x87, SSE and AVX": cutSignalFrames,
};

export const noRedispatch: Redispatch = { patches: [], slots: [], changes: [], warnings: [] };

/**
 * glibc chose its string and math functions (IFUNC) and ld.so's trampoline by the CPU of the source when the program
 * started. On a CPU with fewer features they are chosen anew: the features are forgotten, each resolver is called
 * again in the rebuilt address space.
 * @throws MigrationError `cannot-carry` when a thread stopped inside an AVX-512 routine
 */
export function planRedispatch(memory: ProcessMemory): Redispatch {
  refuseInsideAvx512(memory, memory.process.threads);
  const made = Object.entries(changes).map(([title, change]) => ({ title, patches: change(memory) }));
  const patches = made.flatMap(({ patches }) => patches);
  const handled = new Set(patches.flatMap(({ address }) => memory.moduleAt(address) ?? []));
  return {
    patches,
    slots: findIndirectFunctionSlots(memory),
    changes: made.flatMap(({ title, patches }) => (patches.length === 0 ? [] : [`${title}: ${placesOf(memory, patches)}`])),
    warnings: findOwnChoices(memory, handled),
  };
}

/** `libc.so.6 (3)` for each file, the stack being none. */
function placesOf(memory: ProcessMemory, patches: readonly MemoryPatch[]): string {
  const counts = Map.groupBy(patches, ({ address }) => memory.moduleAt(address)?.path ?? "memory of its own");
  return [...counts].map(([path, { length }]) => `${path} (${length})`).join(", ");
}

/** What was chosen anew, as lines for people. */
export function describeRedispatch({ changes, slots, warnings }: Redispatch): string[] {
  const functions = [...Map.groupBy(slots, ({ module }) => module)].map(([module, list]) => {
    const names = [...new Set(list.flatMap(({ name }) => name ?? []))].toSorted();
    const own = list.filter(({ name }) => name === undefined).length;
    const parts = [...names, ...(own === 0 ? [] : [`${own} of its own`])];
    return `functions chosen anew in ${module}: ${parts.join(", ")}`;
  });
  return [...changes, ...functions, ...warnings];
}

/** What was chosen anew in a tree of processes, as lines for people. */
export function describeRedispatches(redispatches: ReadonlyMap<ResumedProcess, Redispatch>): string[] {
  return [...redispatches].flatMap(([{ pid, task }, redispatch]) =>
    describeRedispatch(redispatch).map((line) => `process ${pid} (${task.comm}): ${line}`),
  );
}

const stackSize = 16 * 1024;

/** Calls the resolvers and stores what they choose. FS must be set: a resolver may have a stack protector. */
export function emitResolverCalls({ program }: Emission, slots: readonly IndirectFunctionSlot[]): void {
  if (slots.length === 0) return;
  const stack = program.scratch(stackSize, 64);
  const code = X86Assembler.of(program.code);
  code.loadAddress("rsp", at(stack.label, stackSize));
  for (const { slot, resolver } of slots) {
    code.move("rax", resolver);
    code.move("rdi", 0n);
    code.move("rsi", 0n);
    code.callRegister("rax");
    code.move("rcx", slot);
    code.storeThrough("rcx", "rax", 64);
  }
}
