import type { Strategy } from "../compatibility/strategy.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { PortChoice } from "../engine/docker/remapped.ts";
import type { EngineName } from "../engine/engine-name.ts";
import type { TransferSettings } from "../transfer/settings.ts";
import type { EventListener, StepName } from "./events.ts";
import type { EntryListener } from "./journal/journal.ts";

export interface MigrateOptions {
  /**
   * Name or id of a running container of the source's Docker or Podman; where both have it, with `docker:` or `podman:` before it. `runc:ID` or
   * `crun:ID` is one that was started from a bundle.
   */
  readonly container: string;
  /** The machine that the container is on, named like a target. Default: `local`. What is moved goes by way of this machine. */
  readonly source?: string;
  /** `ssh://[user@]host[:port]`, `adb:SERIAL`, or `local`. */
  readonly target: string;
  /** The engine there. Default: Docker, or Podman where only that is; for a bundle the runtime that it is under, or the other. */
  readonly targetEngine?: EngineName;
  /** Default: `auto`, the best that keeps the memory. */
  readonly strategy?: "auto" | Strategy;
  /** What the user says that the machines are, as `uname -m` says it; another one is found. Default: what they are. */
  readonly sourceArchitecture?: string;
  readonly targetArchitecture?: string;
  /** The name on the target. Default: the same. */
  readonly name?: string;
  /** What becomes of the source's container after the move. Default: `stopped`. */
  readonly leaveSource?: "stopped" | "removed";
  /**
   * Run in the moved container before the commit; another exit status than 0 rolls the move back. Default: the container's own
   * (HEALTHCHECK), unless it failed before the move too.
   */
  readonly healthCommand?: readonly string[];
  /** Only for `replatform`: the name of an image that the target can run. Default: the container's own, in the target's variant. */
  readonly image?: string;
  /** Only for `replatform`: a file of `docker save` with such an image. */
  readonly imageArchive?: string;
  /** Only for `replatform`: run in the container before it is frozen; a failure rolls the move back. */
  readonly hookBefore?: readonly string[];
  /** Only for `replatform`: run in the container on the target after its start; a failure rolls the move back. */
  readonly hookAfter?: readonly string[];
  /** Whether published ports, networks and addresses come along. Default: yes. */
  readonly preserveNetworking?: boolean;
  /** New names of the container's networks, by the old ones; Docker's default network is `bridge`. Default: they stay. */
  readonly networks?: Readonly<Record<string, string>>;
  /** Ports that are published elsewhere than on the source. Default: none. */
  readonly publish?: readonly PortChoice[];
  /** Whether volumes and bind mounts come along. Default: yes. */
  readonly preserveVolumes?: boolean;
  /** Whether files in which another running container works, too, are copied as they are at the freeze. Default: no, they are refused. */
  readonly copyShared?: boolean;
  /** Other paths on the target for folders that are mounted into the container, by their paths on the source. */
  readonly binds?: Readonly<Record<string, string>>;
  /** Bind mounts, by their paths on the source, of what the target has already: nothing of them is copied. */
  readonly bindsThere?: readonly string[];
  /** Devices of the target that the container gets, by those that it was given on the source. Default: none but what is the same everywhere. */
  readonly devices?: Readonly<Record<string, string>>;
  /** Only say what would happen. */
  readonly dryRun?: boolean;
  /** Whether a move that fails is undone. Default: yes. Otherwise all stays as it is, the source frozen, until `recover`. */
  readonly rollback?: boolean;
  /** How what is sent goes over the link. */
  readonly transfer?: TransferSettings;
  /** Milliseconds after which the move is rolled back. Default: none. */
  readonly timeoutMs?: number;
  /** An OpenSSH configuration file to use instead of the user's. */
  readonly sshConfig?: string;
  /** A file that describes the emulator to use on the target. Default: $MIGRATE_CONTAINER_EMULATOR, else the one of its binfmt_misc. */
  readonly emulator?: string;
  /** What the configuration file says. Default: nothing. */
  readonly configuration?: Configuration;
  /** Whether the result's notes tell what was chosen anew for the target's CPU. */
  readonly cpu?: boolean;
  /** Rolls the move back when aborted before the commit. */
  readonly signal?: AbortSignal;
  readonly onEvent?: EventListener;
  /** Called after each step, before the next. Tests use it to cause faults. */
  readonly afterStep?: (step: StepName) => Promise<void>;
  /** Called after each entry of the journal, before what it announces. Tests use it to cause faults. */
  readonly afterEntry?: EntryListener;
}
