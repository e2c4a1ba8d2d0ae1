import type { MigrationError } from "../../errors.ts";
import { refusal } from "../archive/refusal.ts";
import { compressionHeadBytes, compressionOf, decompressed } from "./compression.ts";
import { decrypted, isEncrypted } from "./encryption.ts";
import { peek } from "./peek.ts";

export interface Peeled {
  /** The tar. */
  readonly content: ReturnType<typeof decompressed>;
  readonly compression: NonNullable<ReturnType<typeof compressionOf>>;
  readonly encrypted: boolean;
}

/**
 * Takes encryption and compression off an archive.
 * @param identityFile with age identities, for an archive that is encrypted
 * @throws MigrationError `archive-refused`: `not-an-archive`, `identity-missing`, …
 */
export async function peel(chunks: AsyncIterable<Uint8Array>, identityFile: string | undefined): Promise<Peeled> {
  const outer = await peek(chunks, compressionHeadBytes);
  const encrypted = isEncrypted(outer.head);
  const inner = encrypted ? await peek(decrypted(outer.whole, identityFile), compressionHeadBytes) : outer;
  const compression = compressionOf(inner.head);
  if (compression === undefined) throw notAnArchive(inner.head);
  return { content: decompressed(inner.whole, compression), compression, encrypted };
}

function notAnArchive(head: Uint8Array): MigrationError {
  const why =
    head.length === 0 ? "it is empty" : "it is no tar archive, whether compressed with zstd or gzip, encrypted with age, or not";
  return refusal("not-an-archive", why, { remedy: "Name a file that `checkpoint`, podman or the kubelet wrote." });
}
