import { plainName } from "../../engine/docker/container-name.ts";
import type { Sources } from "./candidates.ts";

/** The real names. What can't be asked has none: a shell shows no errors while one types. */
export const machineSources: Sources = {
  async containers() {
    const { DockerEngine } = await import("../../engine/docker/engine.ts");
    const { openLocalHost } = await import("../../host/local.ts");
    try {
      const engine = await DockerEngine.open(openLocalHost());
      const running = await engine.list();
      return running.map(({ Names, Id }) => plainName(Names[0] ?? Id.slice(0, 12))).toSorted();
    } catch {
      return [];
    }
  },
  async targets(sshConfig) {
    const { readSshNames } = await import("../../host/ssh-names.ts");
    const { names } = await readSshNames(sshConfig);
    return [...names, ...names.map((name) => `ssh://${name}`)];
  },
};
