import { chooseClockKeeper } from "../../compatibility/execution.ts";
import { writeResumeFolder } from "../../engine/resume-runtime/resume-folder.ts";
import type { Arrival } from "../move.ts";
import { compile } from "../steps/compile.ts";
import { createResumable } from "../steps/create.ts";
import { dump, imageDirectory } from "../steps/dump.ts";
import { freeze } from "../steps/freeze.ts";
import { measureLink } from "../steps/measure-link.ts";
import { makePackage } from "../steps/package.ts";
import { prepareTarget } from "../steps/prepare-target.ts";
import { sendImage } from "../steps/send-image.ts";
import { startResumed } from "../steps/start.ts";
import { applyPending, send, verify } from "../steps/transfer.ts";
import { validate } from "../steps/validate.ts";
import { copyVolumes, syncVolumes } from "../steps/volumes.ts";
import type { PlannedStep } from "./planned-step.ts";

/** The dump is compiled to a program that rebuilds the processes, natively or under an emulator. */
export const resumeSteps: readonly PlannedStep[] = [
  { step: "prepare-target", run: prepareTarget },
  { step: "measure-link", run: measureLink },
  { step: "send-image", run: sendImage },
  { step: "create", run: createResumable },
  { step: "copy-volumes", run: copyVolumes },
  { step: "freeze", run: freeze },
  { step: "dump", run: dump },
  { step: "compile", run: compile },
  {
    step: "package",
    run: (move) => makePackage(move, { fill: (_move, directory) => fillResume(move, imageDirectory(move), directory) }),
  },
  { step: "send", run: send },
  { step: "verify", run: verify },
  { step: "apply", run: applyPending },
  { step: "sync-volumes", run: syncVolumes },
  { step: "start", run: startResumed },
  { step: "validate", run: validate },
];

/** Puts the program and what it reads into the package. @returns the names of the files that hold memory */
export async function fillResume(move: Arrival, images: string, directory: string): Promise<readonly string[]> {
  const compiled = move.compiled!;
  await writeResumeFolder(directory, {
    compiled,
    imageDirectory: images,
    containerId: move.targetContainerId!,
    // Where the container can't be given the source's clocks, `examine` has said what that means.
    clocks: chooseClockKeeper(move.targetFacts),
    emulator: move.execution?.start,
  });
  return compiled.dataFiles;
}
