import type { Move } from "../move.ts";
import { createContainer, platformOf } from "../steps/create.ts";
import { freeze } from "../steps/freeze.ts";
import { runHookAfter, runHookBefore } from "../steps/hooks.ts";
import { provideImage } from "../steps/image-variant.ts";
import { measureLink } from "../steps/measure-link.ts";
import { makePackage } from "../steps/package.ts";
import { start } from "../steps/start.ts";
import { apply, send, verify } from "../steps/transfer.ts";
import { validate } from "../steps/validate.ts";
import { copyVolumes, syncVolumes } from "../steps/volumes.ts";
import { foreignPrograms } from "./foreign-programs.ts";
import type { PlannedStep } from "./planned-step.ts";

/** A program that starts anew needs some time until it serves: Docker's own start period of a health check is chosen by users, this is ours. */
const patienceMs = 60_000;

/** The program starts anew on the target, in the image's variant for it, with the container's files and configuration. */
export const replatformSteps: readonly PlannedStep[] = [
  { step: "measure-link", run: measureLink },
  { step: "send-image", run: provideImage },
  { step: "create", run: createStartable },
  { step: "copy-volumes", run: copyVolumes },
  { step: "hook-before", run: runHookBefore },
  { step: "freeze", run: freeze },
  { step: "package", run: (move) => makePackage(move, { leaveOut }) },
  { step: "send", run: send },
  { step: "verify", run: verify },
  { step: "apply", run: apply },
  { step: "sync-volumes", run: syncVolumes },
  { step: "start", run: startAnew },
  { step: "hook-after", run: runHookAfter },
  { step: "validate", run: validate },
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
