import type { Move } from "../move.ts";
import { createContainer, platformOf } from "../steps/create.ts";
import { freeze } from "../steps/freeze.ts";
import { runHookAfter, runHookBefore } from "../steps/hooks.ts";
import { provideImage } from "../steps/image-variant.ts";
import { measureLinkOnce } from "../steps/measure-link.ts";
import { makePackage } from "../steps/package.ts";
import { start } from "../steps/start.ts";
import { apply, send, verify } from "../steps/transfer.ts";
import { validate } from "../steps/validate.ts";
import { copyVolumes, syncVolumes } from "../steps/volumes.ts";
import { foreignPrograms } from "./foreign-programs.ts";
import { each, type PlannedStep, together } from "./planned-step.ts";

/** A program that starts anew needs some time until it serves: Docker's own start period of a health check is chosen by users, this is ours. */
const patienceMs = 60_000;

/** The program starts anew on the target, in the image's variant for it, with the container's files and configuration. */
export const replatformSteps: readonly PlannedStep[] = [
  { step: "measure-link", run: measureLinkOnce },
  { step: "send-image", run: each(provideImage) },
  { step: "create", run: each(createStartable) },
  { step: "copy-volumes", run: each(copyVolumes) },
  { step: "hook-before", run: each(runHookBefore) },
  { step: "freeze", run: freeze },
  { step: "package", run: each((move: Move) => makePackage(move, { leaveOut })) },
  { step: "send", run: each(send) },
  { step: "verify", run: each(verify) },
  { step: "apply", run: each(apply) },
  { step: "sync-volumes", run: each(syncVolumes) },
  { step: "start", run: together(startAnew) },
  { step: "hook-after", run: each(runHookAfter) },
  { step: "validate", run: together(validate) },
];

/** Creates a container that starts in the usual way. */
function createStartable(move: Move): Promise<string> {
  return createContainer(move, { platform: platformOf(move.targetFacts) });
}

async function leaveOut(move: Move, upper: string): Promise<readonly string[]> {
  const { architecture } = move.targetFacts.hostFacts;
  if (architecture === move.subject.hostFacts.architecture) return [];
  const found = await foreignPrograms(move.source.host, upper, architecture, move.signal);
  for (const path of found) move.notes.push(`/${path} was left out: it is made for another instruction set than ${architecture}`);
  return found;
}

async function startAnew(move: Move): Promise<string> {
  const ports = (move.subject.live?.sockets ?? []).flatMap(({ kind, state, local }) =>
    kind === "tcp" && state === "listening" && local !== undefined ? [local.port] : [],
  );
  move.expectation = { processes: [], memory: [], listeningPorts: [...new Set(ports)], patienceMs };
  return await start(move);
}
