import type { ContainerRecord, ImageRecord } from "../../engine/docker/engine.ts";
import type { ReadContainerFile } from "../../resume/cpu/modules.ts";
import type { HostRequest } from "./host-requests.ts";
import type { ArchiveManifest } from "./manifest.ts";

/** A file of an archive as it was unpacked. */
export interface ArchivedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** What podman or a container runtime of Kubernetes recorded of a container. */
export interface ForeignContainer {
  readonly id: string;
  readonly name: string;
  /** As its engine knew it; empty when it isn't told. */
  readonly image: string;
  /** The digest of its configuration (`sha256:…`), by which Docker knows an image too. Only podman tells it. */
  readonly imageId: string | undefined;
  readonly runtime: string;
  readonly arguments: readonly string[];
  /** `NAME=value` */
  readonly environment: readonly string[];
  /** The OCI configuration. Nothing in it is to be granted because it is there: see `hostRequests`. */
  readonly specification: Readonly<Record<string, unknown>>;
  /** As Docker would have it, without the image's id. Give it to `createLike` only through `withoutHostRequests`. */
  readonly record: ContainerRecord;
  /** Why no container can be made of it. */
  readonly obstacles: readonly ForeignObstacle[];
  readonly hostRequests: readonly HostRequest[];
}

export interface ForeignObstacle {
  readonly what: string;
  readonly remedy: string;
}

interface Opened extends AsyncDisposable {
  /** The private folder that it is unpacked into. */
  readonly folder: string;
  readonly compression: string;
  readonly encrypted: boolean;
  /** Bytes of the file. */
  readonly archiveBytes: number;
  readonly members: readonly ArchivedFile[];
  /** A folder of CRIU's images, which were checked. */
  readonly imagesDirectory: string;
  /** A tar archive of the writable layer, which was checked. Undefined: the container wrote nothing. */
  readonly upper: string | undefined;
  /** What the container's configuration asks of the machine. Grant of it only what the local user names. */
  readonly hostRequests: readonly HostRequest[];
}

/** An archive that this program wrote. */
export interface OwnArchive extends Opened {
  readonly format: "migrate-container";
  readonly manifest: ArchiveManifest;
  /** As the source's Docker had it. Give it to `createLike` only through `withoutHostRequests`. */
  readonly record: ContainerRecord;
  readonly imageRecord: ImageRecord;
  /** Reads the container's executables as they were mapped: all that the compiler reads. */
  readonly readFile: ReadContainerFile;
  /** The file with a part of the image (`sha256:…`, its configuration or a layer); undefined where the image isn't in the archive. */
  readonly imagePart: (digest: string) => string | undefined;
}

/** An archive of podman's or the kubelet's. The executables are in the image only. */
export interface ForeignArchive extends Opened {
  readonly format: "podman";
  readonly container: ForeignContainer;
  /** What the standard descriptors 0, 1 and 2 were when the container began: `pipe:[1234]`, `/dev/null`. */
  readonly engineStdio: readonly string[];
  /** Files of the image that the container deleted, relative to its root. */
  readonly deletedFiles: readonly string[];
}

export type OpenedArchive = OwnArchive | ForeignArchive;
