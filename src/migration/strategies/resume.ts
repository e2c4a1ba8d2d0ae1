import { chooseClockKeeper } from "../../compatibility/execution.ts";
import { configurationLike } from "../../engine/bundle/create.ts";
import { isBundleRuntime } from "../../engine/engine-name.ts";
import { writeResumeFolder } from "../../engine/resume-runtime/resume-folder.ts";
import type { Arrival } from "../move.ts";
import { compile } from "../steps/compile.ts";
import { createOptions, createResumable } from "../steps/create.ts";
import { dump, imageDirectory } from "../steps/dump.ts";
import { freeze } from "../steps/freeze.ts";
import { measureLinkOnce } from "../steps/measure-link.ts";
import { makePackage } from "../steps/package.ts";
import { prepareTarget } from "../steps/prepare-target.ts";
import { sendImage } from "../steps/send-image.ts";
import { startResumed } from "../steps/start.ts";
import { applyPending, send, verify } from "../steps/transfer.ts";
import { validate } from "../steps/validate.ts";
import { copyVolumes, syncVolumes } from "../steps/volumes.ts";
import { each, type PlannedStep, together } from "./planned-step.ts";

/** The dump is compiled to a program that rebuilds the processes, natively or under an emulator. */
export const resumeSteps: readonly PlannedStep[] = [
  { step: "prepare-target", run: each(prepareTarget) },
  { step: "measure-link", run: measureLinkOnce },
  { step: "send-image", run: each(sendImage) },
  { step: "create", run: each(createResumable) },
  { step: "copy-volumes", run: each(copyVolumes) },
  { step: "freeze", run: freeze },
  { step: "dump", run: dump },
  { step: "compile", run: compile },
  {
    step: "package",
    run: each((move) => makePackage(move, { fill: (_move, directory) => fillResume(move, imageDirectory(move), directory) })),
  },
  { step: "send", run: each(send) },
  { step: "verify", run: each(verify) },
  { step: "apply", run: each(applyPending) },
  { step: "sync-volumes", run: each(syncVolumes) },
  { step: "start", run: startResumed },
  { step: "validate", run: together(validate) },
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
    configuration: isBundleRuntime(move.target.engine.name) ? configurationLike(move.container, createOptions(move)) : undefined,
  });
  return compiled.dataFiles;
}
