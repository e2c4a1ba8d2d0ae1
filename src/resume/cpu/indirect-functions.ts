import { relocationType, symbolType } from "../elf/reader.ts";
import type { Module, ProcessMemory } from "./modules.ts";

/** A slot that holds the address an IFUNC resolver chose, and the resolver. */
export interface IndirectFunctionSlot {
  readonly slot: bigint;
  readonly resolver: bigint;
  /** The file that holds the slot. */
  readonly module: string;
  /** The function; undefined where a file names none for what it uses itself. */
  readonly name: string | undefined;
}

/**
 * Every bound IFUNC slot of the process: IRELATIVE relocations, and slots whose symbol (name and version) is an IFUNC of
 * a mapped module. A lazily bound slot that still points into its own module's PLT is left: ld.so will bind it.
 */
export function findIndirectFunctionSlots(memory: ProcessMemory): IndirectFunctionSlot[] {
  const resolvers = new Map<string, bigint>();
  for (const { elf, base } of memory.modules) {
    for (const symbol of elf.symbols) {
      if (symbol.type !== symbolType.IFUNC || symbol.section === 0) continue;
      const key = `${symbol.name}@${symbol.version ?? ""}`;
      if (!resolvers.has(key)) resolvers.set(key, base + symbol.value);
    }
  }
  return memory.modules.flatMap((module) => slotsOf(module, memory, resolvers));
}

function slotsOf(module: Module, memory: ProcessMemory, resolvers: ReadonlyMap<string, bigint>): IndirectFunctionSlot[] {
  const { elf, base } = module;
  return elf.relocations.flatMap(({ type, offset, symbol, addend }): IndirectFunctionSlot[] => {
    const slot = base + offset;
    if (type === relocationType.IRELATIVE) return [{ slot, resolver: base + addend, module: module.path, name: undefined }];
    if (type !== relocationType.JUMP_SLOT && type !== relocationType.GLOB_DAT && type !== relocationType.R64) return [];
    const target = elf.symbols[symbol];
    if (symbol === 0 || target === undefined) return [];
    const resolver = resolvers.get(`${target.name}@${target.version ?? ""}`);
    const current = memory.read64(slot);
    if (resolver === undefined || current === undefined) return [];
    const holder = memory.moduleAt(current);
    const unbound = type === relocationType.JUMP_SLOT && holder === module && target.type !== symbolType.IFUNC;
    return holder === undefined || unbound ? [] : [{ slot, resolver, module: module.path, name: target.name }];
  });
}
