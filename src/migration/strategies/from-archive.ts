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
import type { PlannedStep } from "./planned-step.ts";
import { fillRestore } from "./restore.ts";
import { fillResume } from "./resume.ts";

const begin = [
  { step: "measure-link", run: measureLinkForArchive },
  { step: "send-image", run: provideArchivedImage },
] as const;
const arrival = [
  { step: "send", run: send },
  { step: "verify", run: verify },
  { step: "apply", run: applyPending },
] as const;

const steps: Readonly<Record<RestoreStrategy, readonly PlannedStep<Restore>[]>> = {
  resume: [
    { step: "prepare-target", run: prepareTarget },
    ...begin,
    { step: "create", run: createResumable },
    { step: "compile", run: compileArchived },
    { step: "package", run: (restore) => packageArchived(restore, fillResume) },
    ...arrival,
    { step: "start", run: startResumed },
    { step: "validate", run: validate },
  ],
  restore: [
    { step: "prepare-target", run: prepareRestore },
    ...begin,
    { step: "create", run: createRestorable },
    { step: "package", run: (restore) => packageArchived(restore, fillRestore) },
    ...arrival,
    { step: "start", run: startRestored },
    { step: "validate", run: validate },
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
