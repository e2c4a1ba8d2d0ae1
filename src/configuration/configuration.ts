import type { DumpSettings } from "../engine/docker/dump-settings.ts";
import type { LogLevel } from "./schema.ts";

/** How a dump is made where nothing else is said. Undefined: the tool's own default. */
export interface DefaultOptions extends Omit<DumpSettings, "logLevel"> {
  /** Whether a container goes on here after a checkpoint of it. */
  readonly leaveRunning?: boolean | undefined;
}

/** What the configuration file says, as a value. */
export interface Configuration {
  /** The file. Undefined when there is none. */
  readonly file?: string | undefined;
  readonly defaultOptions: DefaultOptions;
  /** The folder for archives of checkpoints whose file isn't named. */
  readonly checkpointDirectory?: string | undefined;
  /** The folder in which a dump lies until it is packed or sent. */
  readonly workDirectory?: string | undefined;
  /** The CRIU to use instead of the bundle and of those in PATH. */
  readonly criuBinary?: string | undefined;
  /** How much of CRIU's log an error of a dump tells. */
  readonly logLevel?: LogLevel | undefined;
}

/** What holds without a configuration file. */
export const noConfiguration: Configuration = { defaultOptions: {} };
