import type { DockerEngine } from "./engine.ts";

/** What a Docker engine says of itself. */
export interface EngineInfo {
  /** `20.10.24`. */
  readonly version: string;
  readonly apiVersion: string;
  /** As `uname -m` says it: `x86_64`, `aarch64`. */
  readonly architecture: string;
  readonly kernelRelease: string;
  /** `overlay2`, `overlayfs` (containerd's), `btrfs`, … */
  readonly storageDriver: string;
  /** Whether images lie in containerd's store, whose ids and layers differ from Docker's own. */
  readonly containerdImageStore: boolean;
  /** Where Docker keeps its data: `/var/lib/docker`. */
  readonly rootDirectory: string;
  readonly cgroupVersion: 1 | 2;
  /** How many CPUs it has; a container can't be promised more. */
  readonly cpus: number;
  /** What it can confine containers with: `seccomp`, `apparmor`, `selinux`, `userns`, `rootless`. */
  readonly securityOptions: ReadonlySet<string>;
  /** Program or path of each OCI runtime by its name. Empty for a runtime that is a containerd shim. */
  readonly runtimes: ReadonlyMap<string, string>;
  readonly defaultRuntime: string;
  /** Whether the daemon has `experimental` on, which `docker start --checkpoint` needs. */
  readonly experimental: boolean;
}

/** The fields of GET /info that are used here (the client leaves the answer untyped). */
interface Answer {
  readonly ServerVersion: string;
  readonly Architecture: string;
  readonly KernelVersion: string;
  readonly Driver: string;
  readonly DriverStatus?: readonly (readonly string[])[] | null;
  readonly DockerRootDir: string;
  readonly CgroupVersion?: string;
  readonly NCPU: number;
  /** `name=seccomp,profile=default`. */
  readonly SecurityOptions?: readonly string[] | null;
  readonly Runtimes: Readonly<Record<string, { readonly path?: string; readonly runtimeType?: string }>>;
  readonly DefaultRuntime: string;
  readonly ExperimentalBuild: boolean;
}

export async function readInfo(engine: DockerEngine): Promise<EngineInfo> {
  const answer: Answer = await engine.request("tell about itself", (client) => client.info());
  const version = await engine.request("tell its version", (client) => client.version());
  return {
    version: answer.ServerVersion,
    apiVersion: version.ApiVersion,
    architecture: answer.Architecture,
    kernelRelease: answer.KernelVersion,
    storageDriver: answer.Driver,
    containerdImageStore: (answer.DriverStatus ?? []).some(([, value]) => value?.startsWith("io.containerd.snapshotter")),
    rootDirectory: answer.DockerRootDir,
    // Docker before 20.10 knows only version 1 and does not say so.
    cgroupVersion: answer.CgroupVersion === "2" ? 2 : 1,
    cpus: answer.NCPU,
    securityOptions: new Set((answer.SecurityOptions ?? []).flatMap((option) => /\bname=([^,]+)/.exec(option)?.[1] ?? option)),
    runtimes: new Map(Object.entries(answer.Runtimes).map(([name, { path }]) => [name, path ?? ""])),
    defaultRuntime: answer.DefaultRuntime,
    experimental: answer.ExperimentalBuild,
  };
}
