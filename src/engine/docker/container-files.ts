import { buffer } from "node:stream/consumers";
import { extract, type Header } from "tar-stream";
import { dockerError, statusOf } from "./docker-errors.ts";
import type { DockerEngine } from "./engine.ts";

/** A file or folder of a container, as Docker packs it. */
export interface ContainerFile {
  readonly header: Header;
  /** Empty unless it is a file. */
  readonly content: Buffer;
}

/**
 * Reads a file of a container, which need not run, or what a folder is. A link at its end is not followed.
 * @returns undefined when there is none
 * @throws MigrationError `engine-request-failed`
 */
export async function readContainerFile(engine: DockerEngine, id: string, path: string): Promise<ContainerFile | undefined> {
  let archive: NodeJS.ReadableStream;
  try {
    archive = await engine.client.getContainer(id).getArchive({ path });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw dockerError(engine.host.name, `read ${path} of container ${id}`, error);
  }
  const entries = extract();
  archive.on("error", (error) => entries.destroy(error)).pipe(entries);
  // The first one is what was asked for; of a folder, all that is in it follows.
  try {
    for await (const entry of entries) {
      return { header: entry.header, content: entry.header.type === "file" ? await buffer(entry) : Buffer.alloc(0) };
    }
    return undefined;
  } catch (error) {
    throw dockerError(engine.host.name, `read ${path} of container ${id}`, error);
  } finally {
    entries.destroy();
    (archive as NodeJS.ReadableStream & { destroy(): void }).destroy();
  }
}
