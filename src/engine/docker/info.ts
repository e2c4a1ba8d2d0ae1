import type { EngineName } from "../engine-name.ts";
import type { DockerEngine } from "./engine.ts";

/** What an engine says of itself. */
export interface EngineInfo {
  readonly engine: EngineName;
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
  /** Whether all that a container has written lies in overlayfs's upper directory as whole files. */
  readonly nativeOverlay: boolean;
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
  /** Of a runtime that is no engine: whether it was built without CRIU. Default: no. */
  readonly lacksCriu?: true;
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

/** Podman has Go's names. */
const architectures: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64" };

export async function readInfo(engine: DockerEngine): Promise<EngineInfo> {
  const answer: Answer = await engine.request("tell about itself", (client) => client.info());
  const version = await engine.request("tell its version", (client) => client.version());
  const status = new Map((answer.DriverStatus ?? []).map(([key = "", value = ""]) => [key, value]));
  return {
    engine: engine.name,
    version: answer.ServerVersion,
    apiVersion: version.ApiVersion,
    architecture: architectures[answer.Architecture] ?? answer.Architecture,
    kernelRelease: answer.KernelVersion,
    storageDriver: answer.Driver,
    containerdImageStore: [...status.values()].some((value) => value.startsWith("io.containerd.snapshotter")),
    nativeOverlay: status.get("Native Overlay Diff") === "true",
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
