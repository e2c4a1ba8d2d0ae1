import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Configuration, noConfiguration } from "../../configuration/configuration.ts";
import { dumpSettingsOf } from "../../configuration/dump-settings.ts";
import { requireCriu } from "../../criu/bundle/find-criu.ts";
import { type ContainerRecord, DockerEngine } from "../../engine/docker/engine.ts";
import { upperDirectory } from "../../engine/docker/upper.ts";
import { openHost } from "../../host/open.ts";
import { lockContainer } from "../../migration/lock.ts";
import { defaultWorkDirectory } from "../../migration/state-paths.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import type { ArchiveManifest } from "../archive/manifest.ts";
import { writeArchive } from "../archive/write-archive.ts";
import type { Compression } from "../compressions.ts";
import { encrypterFor } from "../layers/encryption.ts";
import { type CheckpointListener, CheckpointSteps } from "./events.ts";
import { FrozenCopy } from "./frozen-copy.ts";
import { stageContainerImage } from "./image-parts.ts";
import { checkOutput, outputFor } from "./output.ts";
import { type CheckpointSizes, sizesOf } from "./sizes.ts";

export interface TakeCheckpointOptions {
  /** Name or id of a running container of this machine's Docker. */
  readonly container: string;
  /** The archive's path; there must be nothing yet. Default: a file in the configuration's folder for checkpoints, named after container and time. */
  readonly output?: string | undefined;
  /** End the container for good once the archive is written. Default: what the configuration says, or else it goes on. */
  readonly stop?: boolean | undefined;
  /** Put the image into the archive too. */
  readonly withImage?: boolean;
  /** Default: `zstd`. */
  readonly compression?: Compression;
  /** age recipients (`age1…`) that the archive is encrypted for. */
  readonly recipients?: readonly string[];
  /** What the configuration file says. Default: nothing; no file is read. */
  readonly configuration?: Configuration | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: CheckpointListener;
}

export interface CheckpointTaken {
  readonly success: true;
  readonly checkpointPath: string;
  readonly container: string;
  readonly containerId: string;
  readonly image: string;
  readonly compression: Compression;
  readonly encrypted: boolean;
  /** What became of the container. */
  readonly containerState: "running" | "frozen" | "stopped";
  readonly processes: number;
  readonly threads: number;
  readonly sizes: CheckpointSizes;
  /** Milliseconds that the container stood still. */
  readonly frozenMs: number;
  readonly totalMs: number;
  /** What is not in the archive, for people. */
  readonly notes: readonly string[];
}

/**
 * Writes the state of a running container to an archive. The container is frozen while it is dumped and its files are copied, and goes
 * on then; on any failure it goes on as well, and nothing of the archive stays.
 * @throws MigrationError `usage`, `container-not-found`, `container-not-running`, `incompatible`, `criu-missing`, `dump-failed`,
 * `cannot-carry`, `no-space`, `already-migrating`, `cancelled`
 */
export async function takeCheckpoint(options: TakeCheckpointOptions): Promise<CheckpointTaken> {
  const { signal, recipients = [], compression = "zstd", configuration = noConfiguration } = options;
  const { stop = configuration.defaultOptions.leaveRunning === false } = options;
  const steps = new CheckpointSteps(options.onEvent);
  if (recipients.length > 0) encrypterFor(recipients);
  await checkOutput(options.output, configuration);
  await using stack = new AsyncDisposableStack();
  const host = stack.use(await openHost("local", { signal }));
  const engine = await DockerEngine.open(host);
  const container = await engine.inspect(options.container);
  const name = container.Name.replace(/^\//, "");
  if (!container.State.Running) await engine.freeze(container.Id); // It says why it can't.
  const { binDirectory: criuBinDirectory } = await requireCriu({ program: configuration.criuBinary });
  const upper = await upperDirectory(engine, container.Id);
  stack.use(await lockContainer(container.Id, name));
  const folder = await makeFolder(configuration, stack);
  const output = await outputFor({ ...options, name, compression, encrypted: recipients.length > 0, configuration });

  const image = stack.use(await stageContainerImage({ engine, container, wanted: options.withImage === true, steps, signal }));
  const settings = dumpSettingsOf(configuration);
  const copy = new FrozenCopy({ engine, container, folder, upper, criuBinDirectory, settings, image, steps, signal });
  let [written, stopped] = [false, false];
  try {
    await copy.take();
    if (!stop) await copy.thaw();
    const manifest = await copy.manifest();
    const archiveBytes = await write(manifest, { output, compression, recipients, signal }, copy, steps);
    written = true;
    if (stop) await stopForGood(engine, container, steps);
    stopped = stop;
    return {
      success: true,
      checkpointPath: output,
      container: name,
      containerId: container.Id,
      image: container.Config.Image,
      compression,
      encrypted: recipients.length > 0,
      containerState: stop ? "stopped" : container.State.Paused ? "frozen" : "running",
      ...copy.counts,
      sizes: sizesOf(manifest, archiveBytes),
      frozenMs: copy.frozenMs,
      totalMs: steps.now(),
      notes: notesOf(container),
    };
  } catch (error) {
    if (written) await rm(output, { force: true });
    throw error;
  } finally {
    await copy.thawAfterFailure(stopped);
  }
}

async function write(
  manifest: ArchiveManifest,
  options: { readonly output: string; readonly compression: Compression; readonly recipients: readonly string[] } & Pick<
    TakeCheckpointOptions,
    "signal"
  >,
  copy: FrozenCopy,
  steps: CheckpointSteps,
): Promise<number> {
  const { output, compression, recipients, signal } = options;
  const totalBytes = manifest.members.reduce((sum, { size }) => sum + size, 0);
  let archiveBytes = 0;
  await steps.run("write", "Writing the archive", async () => {
    const onBytes = (bytes: number) => steps.bytes("write", bytes, totalBytes);
    archiveBytes = await writeArchive({ output, manifest, file: copy.file, compression, recipients, onBytes, signal });
    return `${count(manifest.members.length, "file")}, ${formatBytes(totalBytes)}; the archive has ${formatBytes(archiveBytes)}`;
  });
  return archiveBytes;
}

async function stopForGood(engine: DockerEngine, container: ContainerRecord, steps: CheckpointSteps): Promise<void> {
  await steps.run("stop", "Stopping the container", async () => {
    await engine.stopForGood(container.Id);
    return "it will not be restarted by Docker";
  });
}

/** It will hold the memory of processes. */
async function makeFolder({ workDirectory }: Configuration, stack: AsyncDisposableStack): Promise<string> {
  const parent = workDirectory ?? defaultWorkDirectory();
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(parent, "checkpoint-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function notesOf({ Mounts: mounts }: ContainerRecord): string[] {
  const outside = mounts.filter(({ Type: type }) => type === "bind" || type === "volume");
  return outside.map(
    ({ Type: type, Destination: destination }) => `the content of ${destination} is not in the archive: it is a ${type}`,
  );
}
