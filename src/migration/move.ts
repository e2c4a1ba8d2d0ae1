import type { Manifest } from "../checkpoint/manifest.ts";
import type { Strategy } from "../compatibility/strategy.ts";
import type { Subject } from "../compatibility/subject.ts";
import type { OciRuntime, TargetFacts } from "../compatibility/target-facts.ts";
import { plainName } from "../engine/docker/container-name.ts";
import type { DumpSettings } from "../engine/docker/dump-settings.ts";
import type { ContainerRecord, DockerEngine } from "../engine/docker/engine.ts";
import type { Host } from "../host/host.ts";
import type { CompiledResume } from "../resume/compile.ts";
import type { ResumeTarget } from "../resume/target.ts";
import type { Codec } from "../transfer/codec.ts";
import type { Transfer } from "../transfer/settings.ts";
import type { FirstPass } from "../volumes/copy-folder.ts";
import type { MigrationEvent, StepName } from "./events.ts";
import type { Journal } from "./journal/journal.ts";
import { kindOf } from "./objects/kinds.ts";
import type { MadeObject } from "./objects/made-object.ts";
import type { CopiedLog } from "./steps/logs.ts";
import type { Expectation } from "./validation/expectation.ts";

/** A machine with its engine. */
export interface Side {
  readonly host: Host;
  readonly engine: DockerEngine;
}

/** What is asked of a container's arrival on the target. */
export interface ArrivalOptions {
  /** The name on the target. */
  readonly name: string;
  readonly healthCommand: readonly string[] | undefined;
  /** Whether the notes tell what was chosen anew for the target's CPU. */
  readonly cpu: boolean;
  /** Whether a failure is undone. */
  readonly rollback: boolean;
  /** How what is sent goes over the link. */
  readonly transfer: Transfer;
}

/**
 * The half of a move that makes the container on the target: what its steps share. A restore from an archive is all of it, so its steps can't
 * reach the engine that the container came from. What a step makes is set by it and read by those after it.
 */
export interface Arrival {
  readonly id: string;
  readonly strategy: Strategy;
  /** As it was on its machine, and shall be on the target. */
  readonly container: ContainerRecord;
  /** This machine, from where all is sent. */
  readonly source: Pick<Side, "host">;
  readonly target: Side;
  readonly subject: Subject;
  readonly targetFacts: TargetFacts;
  /** How the resume program will run. Only for `resume`. */
  readonly execution: ResumeTarget | undefined;
  /** The OCI runtime on the target, where the strategy needs one. */
  readonly runtime: OciRuntime | undefined;
  readonly options: ArrivalOptions;
  /** The folder with the program `criu` on this machine. Undefined where none is needed. */
  readonly criuDirectory: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly journal: Journal;
  /** What was made so far (or was about to be). */
  readonly made: MadeObject[];
  readonly workDirectory: string;
  readonly notes: string[];
  readonly emit: (event: DistributiveOmit<MigrationEvent, "atMs">) => void;
  readonly progress: (step: StepName, bytes: number, totalBytes: number | undefined) => void;
  /** Called after each step, before the next: a place for tests to cause what can't be caused otherwise. */
  readonly afterStep: ((step: StepName) => Promise<void>) | undefined;

  /** The id of the image that the container gets there, where it need not be the source's. */
  targetImage?: string;
  /** The folder of the program `criu` on the target. Only for `restore`. */
  targetCriu?: string;
  /** How the package is compressed. */
  codec?: Codec;
  compiled?: CompiledResume;
  manifest?: Manifest;
  expectation?: Expectation;
  targetContainerId?: string;
  /** What was copied of the container's logs while it ran. */
  logs?: readonly CopiedLog[];
  /** What was copied of each volume and bind mount while the container ran, by its path in the container. */
  volumes?: ReadonlyMap<string, FirstPass>;
  bytesSent: number;
  memoryBytes: number;
  fileBytes: number;
  frozenAt?: number;
  dumpedAt?: number;
  /** When the container ran again: on the target, or thawed on the source. */
  runningAt?: number;
  /** Whether the target's copy may have run. */
  targetStarted: boolean;
}

/** What a move was asked to do. */
export interface MoveOptions extends ArrivalOptions {
  readonly leaveSource: "stopped" | "removed";
  /** Only for `replatform`: an image of the target's architecture, and commands run in the container. */
  readonly image: string | undefined;
  readonly imageArchive: string | undefined;
  readonly hookBefore: readonly string[] | undefined;
  readonly hookAfter: readonly string[] | undefined;
}

/** A move under way. */
export interface Move extends Arrival {
  readonly source: Side;
  readonly options: MoveOptions;
  readonly dumpSettings: DumpSettings;
}

/** Announces something before it is made: from now on a failure of the move, or a later run of the tool, undoes it. */
export async function willMake({ journal, made }: Pick<Arrival, "journal" | "made">, object: MadeObject): Promise<void> {
  await journal.write({ kind: "object", object });
  made.push(object);
}

/** Removes something that the rest of the move does not need. */
export async function unmake(move: Move, object: MadeObject & { readonly object: "dump" }): Promise<void> {
  await kindOf(object).undo(object, async () => move.source, move.id);
  await move.journal.write({ kind: "undone", object });
  move.made.splice(move.made.indexOf(object), 1);
}

/** The container's name, as people write it. */
export function containerName({ container }: { readonly container: Pick<ContainerRecord, "Name"> }): string {
  return plainName(container.Name);
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
