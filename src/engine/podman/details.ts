import { namesOf } from "../../resume/capabilities.ts";
import { files } from "../../resume/resume-directory.ts";
import type { ContainerRecord } from "../docker/engine.ts";
import type { PodmanEngine } from "./engine.ts";

/** What Podman knows of a container beyond the record that it makes for Docker's clients. It is the same as long as the container is. */
export interface PodmanDetails {
  /** The OCI runtime's name or path: `crun`. */
  readonly runtime: string;
  /** `CAP_CHOWN`, …: what its processes can have at most. */
  readonly capabilities: readonly string[];
  /** What its first process was started with, without what a resume has put before it. Empty before its first start. */
  readonly command: readonly string[];
  /** The id of the pod that it is in; else empty. */
  readonly pod: string;
  /** Whether Podman's init program is its first process. */
  readonly hasInit: boolean;
  /** Names of those that are files in it, or variables. */
  readonly secrets: readonly string[];
  readonly hasSeccomp: boolean;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}

/** The fields of Podman's own record that are used here (libpod/define/container_inspect.go). */
interface Inspected {
  readonly OCIRuntime: string;
  readonly OCIConfigPath?: string;
  readonly BoundingCaps?: readonly string[] | null;
  readonly Pod?: string;
  readonly Config: {
    readonly Annotations?: Readonly<Record<string, string>> | null;
    readonly Secrets?: readonly { readonly Name: string }[] | null;
  };
}

/** The fields of the runtime's configuration that are used here (OCI runtime-spec, config-linux.md). */
interface Specification {
  readonly process?: { readonly args?: readonly string[] };
  readonly linux?: {
    readonly seccomp?: object;
    readonly maskedPaths?: readonly string[];
    readonly readonlyPaths?: readonly string[];
  };
}

/** @throws MigrationError `container-not-found`, `engine-request-failed`, `command-failed` */
export async function readDetails(
  engine: PodmanEngine,
  { Id: id, State: { Pid: pid } }: Pick<ContainerRecord, "Id" | "State">,
): Promise<PodmanDetails> {
  const own = (await engine.requestOf("inspect", id, () => engine.libpod(`/containers/${id}/json`))) as Inspected;
  const { OCIConfigPath: path = "" } = own;
  // There is none before its first start.
  const text = path === "" ? "" : (await engine.host.run(["cat", path])).stdout;
  const { process: { args = [] } = {}, linux = {} }: Specification = text === "" ? {} : JSON.parse(text);
  return {
    runtime: own.OCIRuntime,
    capabilities: (await capabilitiesOf(engine, pid)) ?? own.BoundingCaps ?? [],
    command: args.slice(args.indexOf(files.program) + 1),
    pod: own.Pod ?? "",
    hasInit: own.Config.Annotations?.["io.podman.annotations.init"] === "TRUE",
    secrets: (own.Config.Secrets ?? []).map(({ Name: name }) => name),
    hasSeccomp: text === "" || linux.seccomp !== undefined,
    maskedPaths: linux.maskedPaths ?? [],
    readonlyPaths: linux.readonlyPaths ?? [],
  };
}

/** Of a container that was resumed, the runtime's configuration has what the resume program began with. */
async function capabilitiesOf({ host }: PodmanEngine, pid: number): Promise<string[] | undefined> {
  if (pid <= 0) return;
  const { stdout } = await host.run(["cat", `/proc/${pid}/status`]);
  const [, bounding] = /^CapBnd:\s*([0-9a-f]+)$/m.exec(stdout) ?? [];
  return bounding === undefined ? undefined : namesOf(BigInt(`0x${bounding}`));
}
