import { hostRequests, withoutHostRequests } from "../../checkpoint/archive/host-requests.ts";
import { openArchive } from "../../checkpoint/archive/open-archive.ts";
import type { OwnArchive } from "../../checkpoint/archive/opened.ts";
import { examineArchived } from "../../compatibility/examine.ts";
import { readTargetFacts } from "../../compatibility/target-facts.ts";
import { MigrationError } from "../../errors.ts";
import { openHost } from "../../host/open.ts";
import { carryOut } from "../carry-out.ts";
import { chooseStrategy, refusal } from "../choose-strategy.ts";
import { readEmulatorDescription } from "../emulator-file.ts";
import { claimOf, lockContainer } from "../lock.ts";
import { containerName } from "../move.ts";
import { newMoveId } from "../move-id.ts";
import { nothingDone } from "../result.ts";
import { openSide } from "../sides.ts";
import { signalOf } from "../signal.ts";
import { archivedSubject } from "./archived-subject.ts";
import { beginRestore } from "./begin-restore.ts";
import { restoreCourse } from "./course.ts";
import { notGranted } from "./grants.ts";
import type { RestoreOptions, RestoreStrategy } from "./restore-options.ts";
import { restorePlan } from "./restore-plan.ts";
import type { RestoreResult } from "./restore-result.ts";

/**
 * Makes a container from an archive, which goes on where it was frozen. The archive is opened and checked as a whole before anything else.
 * A failure removes what was made; no other container is touched, whatever its id.
 * @throws MigrationError only when nothing was begun: `usage`, `archive-refused`, `image-corrupt`, `image-unsupported`, `incompatible` for archives of
 * other tools, `target-unreachable`, `engine-unavailable`, `already-migrating`, `no-space`, `cancelled`
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { archive: path, isAllowed = () => false } = options;
  const signal = signalOf(options, "the restore");
  const begin = performance.now();
  await using stack = new AsyncDisposableStack();
  const archive = ownOnly(stack.use(await open(options, signal, begin)));
  const local = stack.use(await openHost("local", { signal }));
  const target = await openSide(options.target ?? "local", stack, { ...options, signal });
  const container = withoutHostRequests(archive.record, isAllowed);
  const name = options.name ?? containerName({ container });
  const claim = claimOf({ operation: "restore", containerId: container.Id, target: target.host.name, name });
  if (options.dryRun !== true) stack.use(await lockContainer(claim, name));
  const emulator = await readEmulatorDescription(options.emulator);
  const targetFacts = await readTargetFacts(target.host, target.engine, { signal, emulator });
  const subject = await archivedSubject(archive, container, targetFacts, await target.engine.info());
  const report = examineArchived(subject, targetFacts, { name });
  const asked = options.strategy ?? "auto";
  const strategy = chooseStrategy(asked, report) as RestoreStrategy | undefined;
  const id = newMoveId();
  const common = { id, archive: path, container: containerName({ container }), name, target: target.host.name, strategy, report };
  const notes = notGranted(hostRequests(archive.record), isAllowed);
  if (strategy === undefined) return { ...common, ...nothingDone, notes, status: "refused", error: refusal(asked, report) };
  if (options.dryRun === true) {
    const plan = restorePlan({ archive, strategy, targetFacts, target: target.host.name, name });
    return { ...common, ...nothingDone, notes, status: "planned", plan };
  }
  const restoring = await beginRestore(
    { id, strategy, archive, local, target, subject, targetFacts, name, begin, signal },
    options,
    stack,
  );
  restoring.notes.push(...notes);
  const { ending, steps, figures } = await carryOut(restoring, restoreCourse(strategy), begin);
  const told = { ...common, steps, figures, notes: restoring.notes };
  return ending.status === "done" ? { ...told, ...ending, status: "restored" } : { ...told, ...ending };
}

async function open({ archive, identityFile, onEvent }: RestoreOptions, signal: AbortSignal | undefined, begin: number) {
  const atMs = () => performance.now() - begin;
  onEvent?.({ type: "step-started", step: "open", atMs: atMs(), title: "Opening and checking the archive" });
  const opened = await openArchive(archive, {
    identityFile,
    signal,
    onBytes: (bytes, totalBytes) => onEvent?.({ type: "bytes", step: "open", atMs: atMs(), bytes, totalBytes }),
  });
  onEvent?.({ type: "step-finished", step: "open", atMs: atMs(), durationMs: atMs(), outcome: "every sum agrees" });
  return opened;
}

function ownOnly(archive: Awaited<ReturnType<typeof openArchive>>): OwnArchive {
  if (archive.format === "migrate-container") return archive;
  throw new MigrationError(
    "incompatible",
    "the archive is podman's or the kubelet's, which have neither the image nor the executables",
    {
      host: "local",
      remedy:
        "Restore it with the tool that wrote it (`podman container restore --import`). `migrate-container inspect` shows what is in it, " +
        "`migrate-container compile` makes a program of its images for another machine.",
    },
  );
}
