/** What an archive says of itself: its first member, `manifest.json`. */

export const archiveFormat = 1;

export interface ArchiveMember {
  /** The member's name. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** SHA-256, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

export interface ArchiveSource {
  /** `x86_64` */
  readonly architecture: string;
  readonly kernel: string;
  readonly cpuFlags: readonly string[];
  /** The engine and its version: `docker 20.10.24`. */
  readonly engine: string;
}

export interface ArchivedImage {
  /** `sha256:…` */
  readonly id: string;
  /** As the user named it. */
  readonly name: string;
  /** `name@sha256:…`, by which registries know it. */
  readonly digests: readonly string[];
  /** `sha256:…` of the uncompressed layers, from the base up. */
  readonly layers: readonly string[];
}

/** A file of the container that processes have mapped, and the member that holds it. */
export interface ArchivedExecutable {
  /** In the container. */
  readonly path: string;
  readonly member: string;
}

export interface ArchiveManifest {
  readonly format: typeof archiveFormat;
  /** The version of the program that wrote it. */
  readonly tool: string;
  /** When it was taken (ISO 8601, UTC): when the container was frozen. */
  readonly created: string;
  readonly source: ArchiveSource;
  readonly container: { readonly id: string; readonly name: string };
  readonly image: ArchivedImage;
  /** Clocks of the source when the container was frozen: nanoseconds, as text since they are beyond JSON's numbers. */
  readonly clocks: { readonly realtime: string; readonly boottime: string };
  readonly executables: readonly ArchivedExecutable[];
  /** eventfds that count down by one, which CRIU does not tell: `<pid>:<descriptor>`. */
  readonly semaphores: readonly string[];
  /** All members but the manifest, in their order. */
  readonly members: readonly ArchiveMember[];
}

export const manifestName = "manifest.json";
export const containerRecordName = "container.json";
export const imageRecordName = "image.json";
export const upperName = "upper.tar";
export const imagesFolder = "images";
export const executablesFolder = "executables";
/** Parts of the image, each named by its digest: its configuration and layers. */
export const imagePartsFolder = "image";

/** Whether CRIU, or what dumps with it, writes a file of that name into the folder of images. */
export function isImageFile(name: string): boolean {
  return (
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]*\.img$/.test(name) ||
    ["SHA256SUMS", "descriptors.json", "stats-dump", "irmap-cache"].includes(name)
  );
}

const hexDigest = /^[0-9a-f]{64}$/;

/** Whether the format has a member of that name, and whether its name is its own digest. */
export function memberKind(path: string): "document" | "upper" | "image" | "by-digest" | undefined {
  if (path === containerRecordName || path === imageRecordName) return "document";
  if (path === upperName) return "upper";
  const [folder, name = "", ...more] = path.split("/");
  if (more.length > 0) return undefined;
  if (folder === imagesFolder && isImageFile(name)) return "image";
  return (folder === executablesFolder || folder === imagePartsFolder) && hexDigest.test(name) ? "by-digest" : undefined;
}
