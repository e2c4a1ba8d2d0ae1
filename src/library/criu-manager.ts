import { findCriu } from "../criu/bundle/find-criu.ts";
import { type InstallCriuOptions, installCriuBundle } from "../criu/bundle/install-bundle.ts";
import { type ConfigurationSource, loadConfiguration } from "./configuration-source.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

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

/** CRIU on this machine. */
export class CriuManager {
  readonly #configuration: ConfigurationSource;

  /** @param configuration by default the file in its usual place (docs/cli.md) */
  constructor(configuration?: ConfigurationSource) {
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
}
