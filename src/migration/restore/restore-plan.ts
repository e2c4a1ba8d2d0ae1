import { programsOf, targetKind } from "../../compatibility/execution.ts";
import type { TargetFacts } from "../../compatibility/target-facts.ts";
import { runtimeOf } from "../begin-arrival.ts";
import { runtimeLine } from "../plan.ts";
import type { Restorable } from "./restorable.ts";
import type { RestoreStrategy } from "./restore-options.ts";

export interface PlannedRestore {
  readonly archive: Restorable;
  readonly strategy: RestoreStrategy;
  readonly targetFacts: TargetFacts;
  readonly name: string;
}

/** What a restore would do, step by step, as lines for people. */
export function restorePlan({ archive, strategy, targetFacts, name }: PlannedRestore): string[] {
  const { image, imagePart } = archive;
  const programs = programsOf({ image: archive.imageRecord });
  const how = targetKind(targetFacts, programs) === "native" ? "natively" : "under the x86_64 emulator";
  const holdsImage = imagePart(image.id) !== undefined;
  return [
    runtimeLine(strategy, targetFacts, runtimeOf(strategy, targetFacts)?.path),
    `use the image ${image.name} there${holdsImage ? ", or load it from the archive" : ""}`,
    `create the container ${name} there with the archive's configuration`,
    ...(strategy === "resume" ? ["compile the dump"] : []),
    "send the package, verify its SHA-256 sums there",
    strategy === "resume" ? `resume the program there ${how}` : "restore the processes there with CRIU",
    "check that every thread is there and every port is listened on; else remove all of it",
  ];
}
