import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { architectureOf } from "../../resume/architectures/architectures.ts";
import { type OpenArchiveOptions, openArchive } from "../archive/open-archive.ts";
import type { ForeignArchive, OpenedArchive, OwnArchive } from "../archive/opened.ts";
import { inspectFiles, inspectSockets } from "./descriptors.ts";
import type { InspectedArchive, InspectedContainer, InspectedSource, Inspection } from "./inspection.ts";
import { inspectMounts } from "./mounts.ts";
import { inspectProcesses, variableOf } from "./processes.ts";

export interface InspectOptions extends OpenArchiveOptions {
  /** Tell the values of environment variables. */
  readonly secrets?: boolean;
}

/**
 * Tells what is in an archive of a checkpoint, or in a folder of CRIU's images. Nothing is started or kept.
 * @throws MigrationError as `openArchive`
 */
export async function inspectCheckpoint(path: string, options: InspectOptions = {}): Promise<Inspection> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (isFolder) return await inspectFolder(path, options);
  await using archive = await openArchive(path, options);
  using images = await openCheckpoint(archive.imagesDirectory);
  const own = archive.format === "migrate-container" ? archive : undefined;
  const secrets = options.secrets === true;
  return {
    path,
    format: archive.format,
    archive: archiveFacts(archive),
    source: own?.manifest.source ?? sourceOf(images),
    container: archive.format === "podman" ? foreignContainer(archive, secrets) : ownContainer(archive, secrets),
    members: archive.members.map(({ path: member, size }) => ({ path: member, size })),
    ...contentOf(images, archive.members.length, secrets),
  };
}

async function inspectFolder(path: string, { secrets = false }: InspectOptions): Promise<Inspection> {
  using images = await openCheckpoint(path);
  const names = (await readdir(path)).toSorted();
  const members = await Promise.all(names.map(async (name) => ({ path: name, size: (await lstat(join(path, name))).size })));
  return {
    path,
    format: "folder",
    archive: undefined,
    source: sourceOf(images),
    container: undefined,
    members,
    ...contentOf(images, members.length, secrets),
  };
}

function contentOf(images: CheckpointImages, members: number, secrets: boolean) {
  const processes = inspectProcesses(images, secrets);
  return {
    processes,
    files: inspectFiles(images),
    sockets: inspectSockets(images),
    mounts: inspectMounts(images),
    totals: {
      processes: processes.length,
      threads: processes.reduce((sum, { threads }) => sum + threads.length, 0),
      memory: processes.reduce((sum, { memory }) => sum + memory.dumped, 0),
      members,
    },
  };
}

/** The images tell the architecture only. */
function sourceOf(images: CheckpointImages): InspectedSource | undefined {
  const root = images.pstree[0];
  const architecture = root && architectureOf(images.core(root.pid))?.name;
  return architecture && { architecture, kernel: "", engine: "", cpuFlags: [] };
}

function archiveFacts(archive: OpenedArchive): InspectedArchive {
  const { archiveBytes, compression, encrypted } = archive;
  const own = archive.format === "migrate-container" ? archive : undefined;
  return {
    bytes: archiveBytes,
    compression,
    encrypted,
    created: own?.manifest.created,
    tool: own?.manifest.tool,
    withImage: own?.imagePart(own.manifest.image.id) !== undefined,
    deletedFiles: archive.format === "podman" ? archive.deletedFiles : [],
  };
}

function ownContainer({ manifest, record, hostRequests }: OwnArchive, secrets: boolean): InspectedContainer {
  const { Entrypoint: entryPoint, Cmd: command, Env: environment } = record.Config;
  return {
    ...manifest.container,
    image: manifest.image.name,
    imageId: manifest.image.id,
    command: [...[entryPoint ?? []].flat(), ...(command ?? [])],
    environment: (environment ?? []).map((text) => variableOf(text, secrets)),
    hostRequests,
  };
}

function foreignContainer({ container }: ForeignArchive, secrets: boolean): InspectedContainer {
  const { id, name, image, arguments: command, environment, hostRequests } = container;
  return {
    id,
    name,
    image,
    imageId: container.imageId,
    command,
    environment: environment.map((text) => variableOf(text, secrets)),
    hostRequests,
  };
}
