import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import type { Restore } from "../restore/restore.ts";
import type { RestoreStrategy } from "../restore/restore-options.ts";
import { provideArchivedImage } from "../steps/archived-image.ts";
import { compileFrom } from "../steps/compile.ts";
import { createRestorable, createResumable } from "../steps/create.ts";
import { measureLinkForArchive } from "../steps/measure-link.ts";
import { packageArchived } from "../steps/package-archived.ts";
import { prepareRestore, prepareTarget } from "../steps/prepare-target.ts";
import { startRestored, startResumed } from "../steps/start.ts";
import { applyPending, send, verify } from "../steps/transfer.ts";
import { validate } from "../steps/validate.ts";
import { each, type PlannedStep, together } from "./planned-step.ts";
import { fillRestore } from "./restore.ts";
import { fillResume } from "./resume.ts";

const begin = [
  { step: "measure-link", run: each(measureLinkForArchive) },
  { step: "send-image", run: each(provideArchivedImage) },
] as const;
const arrival = [
  { step: "send", run: each(send) },
  { step: "verify", run: each(verify) },
  { step: "apply", run: each(applyPending) },
] as const;

const steps: Readonly<Record<RestoreStrategy, readonly PlannedStep<Restore>[]>> = {
  resume: [
    { step: "prepare-target", run: each(prepareTarget) },
    ...begin,
    { step: "create", run: each(createResumable) },
    { step: "compile", run: each(compileArchived) },
    { step: "package", run: each((restore: Restore) => packageArchived(restore, fillResume)) },
    ...arrival,
    { step: "start", run: startResumed },
    { step: "validate", run: together(validate) },
  ],
  restore: [
    { step: "prepare-target", run: each(prepareRestore) },
    ...begin,
    { step: "create", run: each(createRestorable) },
    { step: "package", run: each((restore: Restore) => packageArchived(restore, fillRestore)) },
    ...arrival,
    { step: "start", run: together(startRestored) },
    { step: "validate", run: together(validate) },
  ],
};

/** The steps that make a container from an archive, up to the commit. Nothing in them knows the machine that the archive comes from. */
export function stepsFromArchive(strategy: RestoreStrategy): readonly PlannedStep<Restore>[] {
  return steps[strategy];
}

async function compileArchived(restore: Restore): Promise<string> {
  const { archive, target, targetContainerId: id } = restore;
  const readFile = await archive.executables({ engine: target.engine, id: id! });
  using images = await openCheckpoint(archive.imagesDirectory);
  return await compileFrom(restore, images, { readFile, semaphores: archive.semaphores });
}
