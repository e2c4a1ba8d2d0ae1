import { EventEmitter } from "node:events";
import type { Report } from "../compatibility/report.ts";
import { MigrationError } from "../errors.ts";
import {
  type CheckOptions,
  cancel,
  check,
  findMove,
  listMoves,
  type MigrateOptions,
  type MigrationEvent,
  type MigrationResult,
  type MoveOverview,
  migrate,
  type RecoveredMove,
  type RecoverOptions,
  recover,
} from "../migration/index.ts";
import { type ConfigurationSource, loadConfiguration } from "./configuration-source.ts";
import { tell } from "./tell.ts";

/** What is moved, where to and how. */
export type MigrationConfig = Omit<MigrateOptions, "onEvent" | "afterStep" | "afterEntry" | "configuration">;
/** What is looked at. */
export type CheckConfig = Omit<CheckOptions, "configuration">;

/** How a move ended. */
export type MigrationOutcome =
  /** It runs on the target; or, with `dryRun`, it could. */
  | ({ readonly success: true } & Extract<MigrationResult, { status: "migrated" | "planned" }>)
  /** It does not; `error` and `status` say why, and how things stand. */
  | ({ readonly success: false } & Exclude<MigrationResult, { status: "migrated" | "planned" }>)
  /** It was not begun: nothing was changed. */
  | { readonly success: false; readonly status: "failed"; readonly error: MigrationError };

/** Every event has its own name, and all are `event` too. */
export type MigrationEvents = {
  readonly [Type in MigrationEvent["type"]]: [event: Extract<MigrationEvent, { type: Type }>];
} & { readonly event: [event: MigrationEvent] };

const operations = { check, migrate };

/**
 * Moves containers of this machine, and tells what it does as events. It writes nothing to the terminal and ends no process.
 * Events don't say of which move they are: who makes several at once takes an orchestrator for each.
 */
export class MigrationOrchestrator extends EventEmitter<MigrationEvents> {
  readonly #configuration: ConfigurationSource;
  readonly #operations: typeof operations;

  /**
   * @param configuration by default the file in its usual place (docs/cli.md)
   * @param parts other ones in tests
   */
  constructor(configuration?: ConfigurationSource, parts: typeof operations = operations) {
    super();
    this.#configuration = configuration;
    this.#operations = parts;
  }

  /**
   * Tells whether a container can be moved, and what stands in the way. Changes nothing.
   * @throws MigrationError `config-invalid`, `usage`, `target-unreachable`, `engine-unavailable`, `container-not-found`
   */
  async check(config: CheckConfig): Promise<Report> {
    return await this.#operations.check({ ...config, configuration: await loadConfiguration(this.#configuration) });
  }

  /** Moves a running container. Expected failures are outcomes, not exceptions. */
  async migrate(config: MigrationConfig): Promise<MigrationOutcome> {
    try {
      const configuration = await loadConfiguration(this.#configuration);
      const result = await this.#operations.migrate({ ...config, configuration, onEvent: (event) => tell(this, event) });
      return result.status === "migrated" || result.status === "planned"
        ? { success: true, ...result }
        : { success: false, ...result };
    } catch (error) {
      if (error instanceof MigrationError) return { success: false, status: "failed", error };
      throw error;
    }
  }

  /** Moves from this machine that are under way or unfinished, the oldest first. @throws MigrationError `journal-damaged` */
  async list(): Promise<MoveOverview[]> {
    return await listMoves();
  }

  /** All moves from this machine, the oldest first. @throws MigrationError `journal-damaged` */
  async history(): Promise<MoveOverview[]> {
    return await listMoves({ all: true });
  }

  /**
   * @param which id of a move, or name or id of a container: then its latest move, one that is unfinished first
   * @returns undefined when there is none
   */
  async status(which: string): Promise<MoveOverview | undefined> {
    return await findMove(which);
  }

  /**
   * Cancels a move that another process carries out, and waits until it has ended. (One of this process is ended by its `signal`.)
   * @param which id of a move, or name or id of a container
   * @returns the move as it ended: rolled back, or completed when it was past its commit
   * @throws MigrationError `no-such-move`
   */
  async cancel(which: string): Promise<MoveOverview> {
    return await cancel(which);
  }

  /**
   * Ends interrupted moves, so that exactly one container is left of each. Those that are under way are left alone.
   * @param which ids of moves, or names or ids of containers. Default: all
   * @throws MigrationError `already-migrating`, `journal-damaged`, `engine-unavailable`
   */
  async recover(which: readonly string[] = [], options: RecoverOptions = {}): Promise<RecoveredMove[]> {
    return await recover(which, options);
  }
}
