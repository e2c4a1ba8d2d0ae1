import { plainName } from "../../engine/docker/container-name.ts";
import type { Sources } from "./candidates.ts";

/** The real names. What can't be asked has none: a shell shows no errors while one types. */
export const machineSources: Sources = {
  async containers() {
    const [dockers, podmans] = await Promise.all([containersOfDocker(), containersOfPodman()]);
    const both = dockers.filter((name) => podmans.includes(name));
    const named = (prefix: string, names: readonly string[]) =>
      names.map((name) => (both.includes(name) ? `${prefix}:${name}` : name));
    return [...named("docker", dockers), ...named("podman", podmans)].toSorted();
  },
  async targets(sshConfig) {
    const { readSshNames } = await import("../../host/ssh-names.ts");
    const { names } = await readSshNames(sshConfig);
    return [...names, ...names.map((name) => `ssh://${name}`)];
  },
};

async function containersOfDocker(): Promise<string[]> {
  const { DockerEngine } = await import("../../engine/docker/engine.ts");
  const { openLocalHost } = await import("../../host/local.ts");
  try {
    const engine = await DockerEngine.open(openLocalHost());
    const running = await engine.list();
    return running.map(({ Names, Id }) => plainName(Names[0] ?? Id.slice(0, 12)));
  } catch {
    return [];
  }
}

/** Its service would take longer to start than people wait for a word. */
async function containersOfPodman(): Promise<string[]> {
  const { openLocalHost } = await import("../../host/local.ts");
  const script = "unset CONTAINER_HOST CONTAINER_CONNECTION; exec podman ps --format '{{.Names}}'";
  try {
    const { exitCode, stdout } = await openLocalHost().run(["sh", "-c", script], { timeoutMs: 5000 });
    return exitCode === 0 ? stdout.split("\n").filter((name) => name !== "") : [];
  } catch {
    return [];
  }
}
