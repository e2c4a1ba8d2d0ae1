import type { Subject } from "../compatibility/subject.ts";
import type { OciRuntime, TargetFacts } from "../compatibility/target-facts.ts";
import type { ContainerRecord, DockerEngine } from "../engine/docker/engine.ts";
import type { Host } from "../host/host.ts";
import type { CompiledResume } from "../resume/compile.ts";
import type { ResumeTarget } from "../resume/target.ts";
import type { MigrationEvent, StepName } from "./events.ts";
import type { Journal } from "./journal.ts";
import type { Rollback } from "./rollback.ts";

/** A machine with its engine. */
export interface Side {
  readonly host: Host;
  readonly engine: DockerEngine;
}

/** What a move was asked to do. */
export interface MoveOptions {
  /** The name on the target. */
  readonly name: string;
  readonly leaveSource: "stopped" | "removed";
  readonly healthCommand: readonly string[] | undefined;
  /** Whether the notes tell what was chosen anew for the target's CPU. */
  readonly cpu: boolean;
}

/** A move under way: what its steps share. What a step makes is set by it and read by those after it. */
export interface Move {
  readonly id: string;
  readonly container: ContainerRecord;
  readonly source: Side;
  readonly target: Side;
  readonly subject: Subject;
  readonly targetFacts: TargetFacts;
  readonly execution: ResumeTarget;
  /** The OCI runtime on the target. */
  readonly runtime: OciRuntime;
  readonly options: MoveOptions;
  /** The folder with the program `criu` on the source. */
  readonly criuDirectory: string;
  readonly signal: AbortSignal | undefined;
  readonly journal: Journal;
  readonly rollback: Rollback;
  readonly workDirectory: string;
  readonly notes: string[];
  readonly emit: (event: DistributiveOmit<MigrationEvent, "atMs">) => void;
  readonly progress: (step: StepName, bytes: number, totalBytes: number | undefined) => void;
  /** Called after each step, before the next: a place for tests to cause what can't be caused otherwise. */
  readonly afterStep: ((step: StepName) => Promise<void>) | undefined;

  compiled?: CompiledResume;
  targetContainerId?: string;
  bytesSent: number;
  memoryBytes: number;
  frozenAt?: number;
  dumpedAt?: number;
  /** When the container ran again: on the target, or thawed on the source. */
  runningAt?: number;
  /** Whether the target's copy may have run. */
  targetStarted: boolean;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
