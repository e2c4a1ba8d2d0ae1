import type { Emission } from "../emission.ts";
import { at } from "../machine-code/assembler.ts";
import type { MemoryPatch } from "../memory/patches.ts";
import { forgetFeatures } from "./glibc-features.ts";
import { findIndirectFunctionSlots, type IndirectFunctionSlot } from "./indirect-functions.ts";
import { refuseInsideAvx512 } from "./interrupted.ts";
import { redirectLazyResolver } from "./lazy-resolver.ts";
import type { ProcessMemory } from "./modules.ts";
import { forgetOpensslFeatures } from "./openssl.ts";
import { cutSignalFrames } from "./signal-frames.ts";
import { replaceAvx512Implementations } from "./simd-implementations.ts";

/** What must change so that choices made by the source's CPU fit the target's. */
export interface Redispatch {
  readonly patches: readonly MemoryPatch[];
  readonly slots: readonly IndirectFunctionSlot[];
}

const changes = [forgetFeatures, forgetOpensslFeatures, redirectLazyResolver, replaceAvx512Implementations, cutSignalFrames];

export const noRedispatch: Redispatch = { patches: [], slots: [] };

/**
 * glibc chose its string and math functions (IFUNC) and ld.so's trampoline by the CPU of the source when the program
 * started. On a CPU with fewer features they are chosen anew: the features are forgotten, each resolver is called
 * again in the rebuilt address space.
 * @throws MigrationError `cannot-carry` when a thread stopped inside an AVX-512 routine
 */
export function planRedispatch(memory: ProcessMemory): Redispatch {
  refuseInsideAvx512(memory, memory.process.threads);
  return {
    patches: changes.flatMap((change) => change(memory)),
    slots: findIndirectFunctionSlots(memory),
  };
}

const stackSize = 16 * 1024;

/** Calls the resolvers and stores what they choose. FS must be set: a resolver may have a stack protector. */
export function emitResolverCalls({ program }: Emission, slots: readonly IndirectFunctionSlot[]): void {
  if (slots.length === 0) return;
  const stack = program.scratch(stackSize, 64);
  const { code } = program;
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
