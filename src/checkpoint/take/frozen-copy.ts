import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import type { DumpSettings } from "../../engine/docker/dump-settings.ts";
import type { ContainerRecord, DockerEngine } from "../../engine/docker/engine.ts";
import { findSemaphores } from "../../migration/container-files.ts";
import { adaptDump } from "../../migration/source/adapt-dump.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import {
  type ArchivedExecutable,
  type ArchiveManifest,
  containerRecordName,
  executablesFolder,
  imagePartsFolder,
  imageRecordName,
  imagesFolder,
  upperName,
} from "../archive/manifest.ts";
import { checkUpper, copyUpper } from "./copy-upper.ts";
import { dumpFrozen } from "./dump-frozen.ts";
import type { CheckpointSteps } from "./events.ts";
import { copyExecutables } from "./executables.ts";
import type { ContainerImage } from "./image-parts.ts";
import { buildManifest, describeMembers } from "./manifest.ts";

export interface FrozenCopyOptions {
  readonly engine: DockerEngine;
  readonly container: ContainerRecord;
  /** Private and empty. */
  readonly folder: string;
  /** The directory of the writable layer. */
  readonly upper: string;
  readonly criuBinDirectory: string;
  readonly settings: DumpSettings;
  readonly image: ContainerImage;
  readonly steps: CheckpointSteps;
  /** Called before the container is frozen, unless it was frozen before. */
  readonly willFreeze: () => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/** A container is frozen, and all that it is at that moment is copied into a folder. */
export class FrozenCopy {
  readonly #options: FrozenCopyOptions;
  readonly #folder: string;
  #executables: readonly ArchivedExecutable[] = [];
  #semaphores: ReadonlySet<string> = new Set();
  #frozenAt: { readonly date: Date; readonly ms: number; readonly boottimeNs: bigint } | undefined;
  #thawedMs: number | undefined;
  #counts = { processes: 0, threads: 0 };

  constructor(options: FrozenCopyOptions) {
    this.#options = options;
    this.#folder = options.folder;
  }

  get counts(): { readonly processes: number; readonly threads: number } {
    return this.#counts;
  }

  /** Milliseconds from the freeze to the thaw, or to now. */
  get frozenMs(): number {
    return this.#frozenAt === undefined ? 0 : (this.#thawedMs ?? performance.now()) - this.#frozenAt.ms;
  }

  /** The file with a member's content. */
  readonly file = (member: string): string => {
    const { parts } = this.#options.image;
    const [folder, name = ""] = member.split("/");
    return folder === imagePartsFolder && parts !== undefined ? parts.file(`sha256:${name}`) : join(this.#folder, member);
  };

  /** Freezes the container and copies it. It stays frozen. */
  async take(): Promise<void> {
    const { engine, container, criuBinDirectory, settings, steps, willFreeze, signal } = this.#options;
    signal?.throwIfAborted();
    const { Id: containerId, State: state } = container;
    await steps.run("freeze", "Freezing the container", async () => {
      if (!state.Paused) await willFreeze();
      // BOOTTIME is what hrtime doesn't count while the machine sleeps.
      this.#frozenAt = { date: new Date(), ms: performance.now(), boottimeNs: await bootTime(engine) };
      await engine.freeze(containerId);
      return "its memory is copied";
    });
    const mayThaw = !state.Paused;
    await steps.run("dump", "Dumping its processes", async () => {
      const folder = this.#folder;
      const request = { engine, containerId, pid: state.Pid, folder, criuBinDirectory, settings, mayThaw, signal };
      const outcome = await dumpFrozen(request);
      await adaptDump(engine, container, join(folder, imagesFolder), signal);
      return outcome;
    });
    await steps.run("copy", "Copying its files", () => this.#copyFiles());
  }

  async #copyFiles(): Promise<string> {
    const { engine, container, upper, image, signal } = this.#options;
    using images: CheckpointImages = await openCheckpoint(join(this.#folder, imagesFolder));
    this.#counts = {
      processes: images.pstree.length,
      threads: images.pstree.reduce((sum, { threads }) => sum + threads.length, 0),
    };
    await mkdir(join(this.#folder, executablesFolder), { mode: 0o700 });
    this.#executables = await copyExecutables(images, container.State.Pid, this.#folder);
    this.#semaphores = await findSemaphores(engine.host, container.State.Pid, signal);
    await copyUpper(engine.host, upper, join(this.#folder, upperName), signal);
    const write = (name: string, value: unknown) =>
      writeFile(join(this.#folder, name), `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
    await write(containerRecordName, container);
    await write(imageRecordName, image.record);
    const { size } = await stat(join(this.#folder, upperName));
    return `writable layer of ${formatBytes(size)}, ${count(this.#executables.length, "executable")}`;
  }

  /** Lets the container go on. */
  async thaw(): Promise<void> {
    const { engine, container, steps } = this.#options;
    await steps.run("thaw", "Letting it go on", async () => {
      await engine.thaw(container.Id);
      this.#thawedMs = performance.now();
      return `it stood still for ${Math.round(this.frozenMs)} ms`;
    });
  }

  /** Describes what was copied. */
  async manifest(): Promise<ArchiveManifest> {
    const { engine, container, image } = this.#options;
    const { date, boottimeNs } = this.#frozenAt!;
    await checkUpper(join(this.#folder, upperName));
    const images = (await readdir(join(this.#folder, imagesFolder))).toSorted().map((name) => `${imagesFolder}/${name}`);
    const executables = [...new Set(this.#executables.map(({ member }) => member))];
    const digests = image.parts === undefined ? [] : [image.record.Id, ...(image.record.RootFS.Layers ?? [])];
    const parts = [...new Set(digests)].map((digest) => `${imagePartsFolder}/${digest.replace("sha256:", "")}`);
    const members = [containerRecordName, imageRecordName, ...images, ...executables, upperName, ...parts];
    return await buildManifest({
      engine,
      container,
      image: image.record,
      date,
      boottimeNs,
      executables: this.#executables,
      semaphores: [...this.#semaphores].toSorted(),
      members: await describeMembers(members, this.file),
    });
  }
}

async function bootTime({ host }: DockerEngine): Promise<bigint> {
  const [seconds = "0"] = (await host.must(["cat", "/proc/uptime"])).split(" ");
  return BigInt(Math.round(Number(seconds) * 100)) * 10_000_000n;
}
