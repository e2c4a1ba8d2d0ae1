/** How much an archive may hold before it is refused. Sizes are bytes. */
export interface ArchiveLimits {
  readonly manifestBytes: number;
  /** JSON documents beside the manifest. */
  readonly documentBytes: number;
  /** The list of deleted files in an archive of podman's. */
  readonly listBytes: number;
  readonly members: number;
  /** UTF-8 bytes of a member's name: what file systems take. */
  readonly nameBytes: number;
  /** All that is unpacked. */
  readonly totalBytes: number;
  /** Unpacked bytes for each one of the file, once more than `ratioFreeBytes` are unpacked. */
  readonly ratio: number;
  readonly ratioFreeBytes: number;
  /** What must stay free where it is unpacked. */
  readonly reserveBytes: number;
  /** Entries of the writable layer, and bytes of all their names: they are kept to find those that come twice. */
  readonly rootfsEntries: number;
  readonly rootfsNameBytes: number;
}

const mebibyte = 2 ** 20;

/** JSON takes some thirty times its size in memory. A dump has about five images for each process; memory of zeros only shrinks 30,000-fold, other memory less than a hundredfold. */
export const defaultLimits: ArchiveLimits = {
  manifestBytes: 8 * mebibyte,
  documentBytes: 4 * mebibyte,
  listBytes: 32 * mebibyte,
  members: 40_000,
  nameBytes: 255,
  totalBytes: 2 ** 44,
  ratio: 10_000,
  ratioFreeBytes: 2 ** 30,
  reserveBytes: 64 * mebibyte,
  rootfsEntries: 2_000_000,
  rootfsNameBytes: 256 * mebibyte,
};
