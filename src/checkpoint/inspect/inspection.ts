import type { HostRequest } from "../archive/host-requests.ts";

/** What is in a checkpoint, as far as its images tell. Sizes are bytes. */
export interface Inspection {
  readonly path: string;
  /** `folder`: of CRIU's images. */
  readonly format: "migrate-container" | "podman" | "folder";
  readonly archive: InspectedArchive | undefined;
  /** Undefined: the images don't tell. */
  readonly source: InspectedSource | undefined;
  readonly container: InspectedContainer | undefined;
  readonly processes: readonly InspectedProcess[];
  readonly files: readonly InspectedFile[];
  readonly sockets: readonly InspectedSocket[];
  readonly mounts: readonly InspectedMount[];
  /** Members of the archive, or files of the folder. */
  readonly members: readonly { readonly path: string; readonly size: number }[];
  readonly totals: {
    readonly processes: number;
    readonly threads: number;
    /** Of memory in the images. */
    readonly memory: number;
    readonly members: number;
  };
}

export interface InspectedArchive {
  readonly bytes: number;
  readonly compression: string;
  readonly encrypted: boolean;
  /** When it was taken; unknown of podman's. */
  readonly created: string | undefined;
  readonly tool: string | undefined;
  /** Whether the image's layers are in it. */
  readonly withImage: boolean;
  /** Files of the image that the container deleted; podman lists them apart. */
  readonly deletedFiles: readonly string[];
}

export interface InspectedSource {
  readonly architecture: string;
  readonly kernel: string;
  readonly engine: string;
  readonly cpuFlags: readonly string[];
}

export interface InspectedContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string | undefined;
  readonly command: readonly string[];
  /** Values are absent unless secrets were asked for. */
  readonly environment: readonly EnvironmentVariable[];
  /** What it asks of the machine: mounts, devices, rights. A restore grants nothing of it by itself. */
  readonly hostRequests: readonly HostRequest[];
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
}

export interface InspectedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly state: string;
  readonly threads: readonly { readonly id: number; readonly name: string }[];
  /** Undefined: its pages aren't in the images. */
  readonly command: readonly string[] | undefined;
  readonly environment: readonly EnvironmentVariable[] | undefined;
  readonly executable: string | undefined;
  readonly workingDirectory: string | undefined;
  readonly memory: {
    /** Bytes in the images. */
    readonly dumped: number;
    /** Bytes of all mappings. */
    readonly mapped: number;
  };
}

export interface InspectedFile {
  readonly pid: number;
  readonly descriptor: number;
  /** `file`, `pipe`, `epoll`, … */
  readonly kind: string;
  /** A path, or what it is. */
  readonly name: string;
  readonly position: number | undefined;
}

export interface InspectedSocket {
  readonly pid: number;
  readonly descriptor: number;
  /** `tcp`, `udp`, `raw`, `unix`, `netlink`, `packet` */
  readonly protocol: string;
  readonly state: string;
  readonly local: string;
  readonly peer: string;
}

export interface InspectedMount {
  readonly path: string;
  readonly type: string;
  readonly source: string;
  readonly options: string;
}
