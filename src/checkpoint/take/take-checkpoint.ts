import { type Configuration, noConfiguration } from "../../configuration/configuration.ts";
import { dumpSettingsOf } from "../../configuration/dump-settings.ts";
import { requireCriu } from "../../criu/bundle/find-criu.ts";
import { plainName } from "../../engine/docker/container-name.ts";
import type { ContainerRecord, DockerEngine } from "../../engine/docker/engine.ts";
import { upperDirectory } from "../../engine/docker/upper.ts";
import { isBundleRuntime } from "../../engine/engine-name.ts";
import { MigrationError } from "../../errors.ts";
import type { EntryListener } from "../../migration/journal/journal.ts";
import { refuseUnfinished } from "../../migration/journal/unfinished.ts";
import { lockContainer } from "../../migration/lock.ts";
import { openSource } from "../../migration/sides.ts";
import { defaultWorkDirectory } from "../../migration/state-paths.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import type { ArchiveManifest } from "../archive/manifest.ts";
import { writeArchive } from "../archive/write-archive.ts";
import type { Compression } from "../compressions.ts";
import { encrypterFor } from "../layers/encryption.ts";
import type { CheckpointListener, CheckpointSteps } from "./events.ts";
import { FrozenCopy } from "./frozen-copy.ts";
import { stageContainerImage } from "./image-parts.ts";
import { CheckpointJournal } from "./journal.ts";
import { checkOutput, outputFor } from "./output.ts";
import { type CheckpointSizes, sizesOf } from "./sizes.ts";

export interface TakeCheckpointOptions {
  /** Name or id of a running container of this machine's Docker or Podman; where both have it, with `docker:` or `podman:` before it. */
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
  /** Called after each entry of the journal, before what it announces. Tests use it to cause faults. */
  readonly afterEntry?: EntryListener;
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

/** An archive holds a layer over an image, and a bundle has none. */
function refuseBundle({ host, name }: DockerEngine): MigrationError {
  return new MigrationError("usage", `no archive is made of a container that ${name} has started from a bundle`, {
    host: host.name,
    remedy: `Dump it with \`${name} checkpoint --leave-running\`, and make a program of the dump with \`migrate-container compile\`.`,
  });
}

/**
 * Writes the state of a running container to an archive. The container is frozen while it is dumped and its files are copied, and goes
 * on then; on any failure it goes on as well, and nothing of the archive stays.
 * @throws MigrationError `usage`, `container-not-found`, `container-not-running`, `incompatible`, `criu-missing`, `dump-failed`,
 * `cannot-carry`, `no-space`, `already-migrating`, `unfinished-move`, `cancelled`
 */
export async function takeCheckpoint(options: TakeCheckpointOptions): Promise<CheckpointTaken> {
  const { recipients = [], compression = "zstd", configuration = noConfiguration } = options;
  const { stop = configuration.defaultOptions.leaveRunning === false } = options;
  if (recipients.length > 0) encrypterFor(recipients);
  await checkOutput(options.output, configuration);
  await using stack = new AsyncDisposableStack();
  const side = await openSource("local", options.container, stack, { signal: options.signal });
  const { engine } = side;
  if (isBundleRuntime(engine.name)) throw refuseBundle(engine);
  const { Id: id, Name: slashed } = await engine.inspect(side.container);
  const name = plainName(slashed);
  // Before it is looked at: another run may have frozen it.
  stack.use(await lockContainer(id, name));
  await refuseUnfinished(id);
  const container = await engine.inspect(id);
  if (!container.State.Running) await engine.freeze(id); // It says why it can't.
  await refuseObstacles(engine, container);
  const { binDirectory: criuBinDirectory } = await requireCriu({ program: configuration.criuBinary });
  const upper = await upperDirectory(engine, id);
  const output = await outputFor({ ...options, name, compression, encrypted: recipients.length > 0, configuration });
  const parent = configuration.workDirectory ?? defaultWorkDirectory();
  const journal = stack.use(await CheckpointJournal.begin({ ...options, engine: engine.name, container, output, stop, parent }));
  const { steps, signal } = journal;
  try {
    const folder = await journal.makeFolder();
    await using image = await stageContainerImage({ engine, container, wanted: options.withImage === true, steps, signal });
    const willFreeze = () => journal.willFreeze(container);
    const settings = dumpSettingsOf(configuration);
    const source = { engine, container, folder, upper, criuBinDirectory, settings, image };
    const copy = new FrozenCopy({ ...source, steps, signal, willFreeze });
    await copy.take();
    if (!stop && !container.State.Paused) {
      await copy.thaw();
      await journal.thawed();
    }
    const manifest = await copy.manifest();
    const willWrite = (path: string) => journal.willWrite(path);
    const archiveBytes = await write(manifest, { ...options, output, compression, recipients, signal, willWrite }, copy, steps);
    await journal.written();
    if (stop) await stopForGood(engine, container, steps);
    await journal.end();
    return {
      success: true,
      checkpointPath: output,
      container: name,
      containerId: id,
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
    throw await journal.undo(error, side);
  }
}

interface WriteOptions {
  readonly output: string;
  readonly compression: Compression;
  readonly recipients: readonly string[];
  readonly signal: AbortSignal;
  readonly willWrite: (path: string) => Promise<void>;
}

async function write(
  manifest: ArchiveManifest,
  options: WriteOptions,
  { file }: FrozenCopy,
  steps: CheckpointSteps,
): Promise<number> {
  const totalBytes = manifest.members.reduce((sum, { size }) => sum + size, 0);
  let archiveBytes = 0;
  await steps.run("write", "Writing the archive", async () => {
    const onBytes = (bytes: number) => steps.bytes("write", bytes, totalBytes);
    archiveBytes = await writeArchive({ ...options, manifest, file, onBytes });
    return `${count(manifest.members.length, "file")}, ${formatBytes(totalBytes)}; the archive has ${formatBytes(archiveBytes)}`;
  });
  return archiveBytes;
}

/** Nothing else looks at a container before its archive is taken. */
async function refuseObstacles(engine: DockerEngine, container: ContainerRecord): Promise<void> {
  const obstacles = await engine.obstacles(container);
  if (obstacles.length === 0) return;
  throw new MigrationError("incompatible", obstacles.map(({ seen }) => seen).join("; "), {
    host: engine.host.name,
    remedy: obstacles.map(({ remedy }) => remedy).join(" "),
  });
}

async function stopForGood(engine: DockerEngine, container: ContainerRecord, steps: CheckpointSteps): Promise<void> {
  await steps.run("stop", "Stopping the container", async () => {
    await engine.stopForGood(container.Id);
    return `it will not be restarted by ${engine.title}`;
  });
}

function notesOf({ Mounts: mounts }: ContainerRecord): string[] {
  const outside = mounts.filter(({ Type: type }) => type === "bind" || type === "volume");
  return outside.map(
    ({ Type: type, Destination: destination }) => `the content of ${destination} is not in the archive: it is a ${type}`,
  );
}
