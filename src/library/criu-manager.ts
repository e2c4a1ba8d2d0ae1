import { EventEmitter } from "node:events";
import { type CheckpointSummary, listArchives, type UnreadableCheckpoint } from "../checkpoint/list-archives.ts";
import { type CheckpointTaken, type TakeCheckpointOptions, takeCheckpoint } from "../checkpoint/take/take-checkpoint.ts";
import { findCriu } from "../criu/bundle/find-criu.ts";
import { type InstallCriuOptions, installCriuBundle } from "../criu/bundle/install-bundle.ts";
import { MigrationError } from "../errors.ts";
import type { CheckpointEvents } from "./checkpoint-events.ts";
import { type ConfigurationSource, loadConfiguration } from "./configuration-source.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { tell } from "./tell.ts";

/** The CRIU that dumps containers on this machine. */
export type CriuStatus =
  | {
      readonly available: true;
      /** `4.2.1` */
      readonly version: string;
      /** Of the program. */
      readonly path: string;
    }
  | { readonly available: false };

/** A CRIU that was installed in a folder of its own. */
export interface InstalledCriu {
  readonly version: string;
  /** Of the program. */
  readonly path: string;
  /** False when a good one was there already. */
  readonly installed: boolean;
}

/** How a checkpoint is taken. Without `output` it goes to the configuration's `checkpoint_dir`. */
export type CheckpointConfig = Omit<TakeCheckpointOptions, "container" | "onEvent" | "configuration">;

/** The archives in a folder. */
export interface CheckpointList {
  readonly directory: string;
  /** The oldest first, those that can't be read last. */
  readonly checkpoints: readonly (CheckpointSummary | UnreadableCheckpoint)[];
}

/** CRIU on this machine, and what it is asked for: checkpoints of containers, whose progress is told as events. */
export class CriuManager extends EventEmitter<CheckpointEvents> {
  readonly #configuration: ConfigurationSource;

  /** @param configuration by default the file in its usual place (docs/cli.md) */
  constructor(configuration?: ConfigurationSource) {
    super();
    this.#configuration = configuration;
  }

  /**
   * Looks for a CRIU that works and is recent enough (4.2): the configuration's `criu_binary`, or else the one of `install`, then those in PATH.
   * @throws MigrationError `config-invalid`
   */
  async checkCriu(): Promise<CriuStatus> {
    const { criuBinary } = await loadConfiguration(this.#configuration);
    const criu = await findCriu({ program: criuBinary });
    return criu === undefined ? { available: false } : { available: true, version: criu.version, path: criu.program };
  }

  /** Installs a CRIU in a folder of its own, unless a good one is there. The system is not changed. Errors: `setup-failed`, `cancelled`. */
  async install(options: Pick<InstallCriuOptions, "directory" | "signal" | "onProgress"> = {}): Promise<Outcome<InstalledCriu>> {
    return await outcomeOf(async () => {
      const { version, program, installed } = await installCriuBundle(options);
      return { version, path: program, installed };
    });
  }

  /**
   * Writes the state of a running container to an archive. The container goes on then, unless `stop` or the configuration says otherwise,
   * and after every failure.
   * @param container name or id of a running container of this machine's Docker
   */
  async createCheckpoint(container: string, config: CheckpointConfig = {}): Promise<Outcome<Omit<CheckpointTaken, "success">>> {
    return await outcomeOf(async () => {
      const configuration = await loadConfiguration(this.#configuration);
      return await takeCheckpoint({ ...config, container, configuration, onEvent: (event) => tell(this, event) });
    });
  }

  /**
   * Tells of the archives in the configuration's `checkpoint_dir`, by their manifests only: whether the rest is sound,
   * `CheckpointManager.validate` tells.
   * @param options.identityFile with age identities, for those that are encrypted
   */
  async listCheckpoints({ identityFile }: { readonly identityFile?: string } = {}): Promise<Outcome<CheckpointList>> {
    return await outcomeOf(async () => {
      const { checkpointDirectory: directory } = await loadConfiguration(this.#configuration);
      if (directory === undefined) {
        throw new MigrationError("usage", "the configuration has no `checkpoint_dir`", {
          host: "local",
          remedy: "Name the folder for checkpoints as `checkpoint_dir` in the configuration.",
        });
      }
      return { directory, checkpoints: await listArchives(directory, identityFile) };
    });
  }
}
