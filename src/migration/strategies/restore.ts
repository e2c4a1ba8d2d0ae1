import { copyFile, link, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { restoreConfiguration } from "../../criu/restore-configuration.ts";
import { criuPathFile, restoreFile } from "../../engine/resume-runtime/wrapper.ts";
import type { Arrival } from "../move.ts";
import { createRestorable } from "../steps/create.ts";
import { dump, imageDirectory } from "../steps/dump.ts";
import { freeze } from "../steps/freeze.ts";
import { measureLinkOnce } from "../steps/measure-link.ts";
import { makePackage } from "../steps/package.ts";
import { prepareRestore } from "../steps/prepare-target.ts";
import { sendImage } from "../steps/send-image.ts";
import { startRestored } from "../steps/start.ts";
import { applyPending, send, verify } from "../steps/transfer.ts";
import { validate } from "../steps/validate.ts";
import { copyVolumes, syncVolumes } from "../steps/volumes.ts";
import { expectationOf } from "../validation/expectation.ts";
import { each, type PlannedStep, together } from "./planned-step.ts";

/** The target's OCI runtime restores the dump with CRIU. */
export const restoreSteps: readonly PlannedStep[] = [
  { step: "prepare-target", run: each(prepareRestore) },
  { step: "measure-link", run: measureLinkOnce },
  { step: "send-image", run: each(sendImage) },
  { step: "create", run: each(createRestorable) },
  { step: "copy-volumes", run: each(copyVolumes) },
  { step: "freeze", run: freeze },
  { step: "dump", run: dump },
  {
    step: "package",
    run: each((move) => makePackage(move, { fill: (_move, directory) => fillRestore(move, imageDirectory(move), directory) })),
  },
  { step: "send", run: each(send) },
  { step: "verify", run: each(verify) },
  { step: "apply", run: each(applyPending) },
  { step: "sync-volumes", run: each(syncVolumes) },
  { step: "start", run: together(startRestored) },
  { step: "validate", run: together(validate) },
];

/** Puts the dump and how CRIU is to restore it into the package. @returns the names of the files that hold memory */
export async function fillRestore(move: Arrival, images: string, directory: string): Promise<readonly string[]> {
  using checkpoint = await openCheckpoint(images);
  move.expectation = expectationOf(checkpoint);
  const names = await readdir(images);
  for (const name of names) {
    const [from, to] = [join(images, name), join(directory, name)];
    // Pages are not copied where both folders lie on one file system.
    await link(from, to).catch(() => copyFile(from, to));
  }
  await writeFile(join(directory, restoreFile), restoreConfiguration, { mode: 0o600 });
  await writeFile(join(directory, criuPathFile), move.targetCriu!, { mode: 0o600 });
  return names.filter((name) => name.startsWith("pages-"));
}
