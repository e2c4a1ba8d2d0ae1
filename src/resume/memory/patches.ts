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
    code.loadAddress("argument1", source);
    code.move("argument0", address);
    code.move("temporary", BigInt(bytes.length));
    code.copyBytes();
  }
}
