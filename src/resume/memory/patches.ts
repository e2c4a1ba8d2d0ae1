import type { Emission } from "../emission.ts";

/** Bytes that replace others in the rebuilt memory. */
export interface MemoryPatch {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** Writes the patches. The memory must be mapped writable. */
export function emitPatches({ program }: Emission, patches: readonly MemoryPatch[]): void {
  const { code } = program;
  for (const { address, bytes } of patches) {
    const source = program.bytes(bytes);
    code.loadAddress("rsi", source);
    code.move("rdi", address);
    code.move("rcx", BigInt(bytes.length));
    code.copyBytes();
  }
}
