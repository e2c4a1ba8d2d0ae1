import { openLocalHost } from "../../../host/local.ts";
import { DockerEngine } from "../engine.ts";
import { makeBusyboxImage } from "./busybox-image.ts";

/** This machine's Docker with an image of its own; all that was made goes when it is disposed of. */
export interface Sandbox extends AsyncDisposable {
  readonly engine: DockerEngine;
  /** A name that nothing else has. */
  readonly image: string;
  readonly imageId: string;
  /** A name for a container, which is removed in the end. */
  name(): string;
  /** Starts a container. @returns its id */
  run(command: readonly string[], more?: Parameters<DockerEngine["client"]["createContainer"]>[0]): Promise<string>;
  /** Has an image removed in the end. */
  cleanImage(nameOrId: string): void;
}

export async function openSandbox(): Promise<Sandbox> {
  const engine = await DockerEngine.open(openLocalHost());
  const unique = `mc-test-${crypto.randomUUID().slice(0, 8)}`;
  const imageId = await makeBusyboxImage(engine, unique, { "etc/unique": unique });
  const containers: string[] = [];
  const images = [`${unique}:test`];
  const name = () => {
    containers.push(`${unique}-${containers.length}`);
    return containers.at(-1) ?? "";
  };
  return {
    engine,
    image: `${unique}:test`,
    imageId,
    name,
    async run(command, more = {}) {
      const container = await engine.client.createContainer({
        Image: `${unique}:test`,
        Cmd: [...command],
        name: name(),
        ...more,
      });
      await container.start();
      return container.id;
    },
    cleanImage: (nameOrId) => images.push(nameOrId),
    async [Symbol.asyncDispose]() {
      for (const container of containers) await engine.remove(container, true, true).catch(ignoreMissing);
      for (const image of images.reverse()) await engine.client.getImage(image).remove({ force: true }).catch(ignoreMissing);
    },
  };
}

function ignoreMissing(error: { code?: string; statusCode?: number }): void {
  if (error.code !== "container-not-found" && error.statusCode !== 404) throw error;
}
