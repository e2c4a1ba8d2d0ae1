/** OCI runtimes that keep containers of plain bundles, without an engine above them. */
export type BundleRuntime = "runc" | "crun";

export const bundleRuntimes: readonly BundleRuntime[] = ["runc", "crun"];

/** What containers can be taken from, as people write it before a container: `podman:web`, `runc:web`. */
export type EngineName = "docker" | "podman" | BundleRuntime;

export const engineNames: readonly EngineName[] = ["docker", "podman", ...bundleRuntimes];

/** How each is called in sentences. Its program has the name itself: `podman rm web`. */
export const engineTitles: Readonly<Record<EngineName, string>> = {
  docker: "Docker",
  podman: "Podman",
  runc: "runc",
  crun: "crun",
};

/** Whether its containers are bundles: a folder with a configuration and a root file system, and no image. */
export function isBundleRuntime(name: EngineName | undefined): name is BundleRuntime {
  return bundleRuntimes.some((runtime) => runtime === name);
}

/** The words of its program for what people do with a container. */
export interface EngineWords {
  readonly list: string;
  readonly start: string;
  readonly unpause: string;
  readonly remove: string;
}

const ofEngines: EngineWords = { list: "ps -a", start: "start", unpause: "unpause", remove: "rm" };
// A container of a bundle that has ended is not started again: it is made anew.
const ofRuntimes: EngineWords = { list: "list", start: "run --detach --bundle BUNDLE", unpause: "resume", remove: "delete" };

export function engineWords(name: EngineName): EngineWords {
  return isBundleRuntime(name) ? ofRuntimes : ofEngines;
}
