import { beyond, capabilitiesBeyond } from "../../checkpoint/archive/confined.ts";
import { hostRequests, withoutHostRequests } from "../../checkpoint/archive/host-requests.ts";
import { openArchive } from "../../checkpoint/archive/open-archive.ts";
import type { OpenedArchive } from "../../checkpoint/archive/opened.ts";
import { examineArchived } from "../../compatibility/examine.ts";
import { readTargetFacts, type TargetFacts } from "../../compatibility/target-facts.ts";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import type { ContainerRecord } from "../../engine/docker/engine.ts";
import { isBundleRuntime } from "../../engine/engine-name.ts";
import { MigrationError } from "../../errors.ts";
import { openHost } from "../../host/open.ts";
import { carryOut } from "../carry-out.ts";
import { chooseStrategy, refusal } from "../choose-strategy.ts";
import { readEmulatorDescription } from "../emulator-file.ts";
import { claimOf, lockContainer } from "../lock.ts";
import { containerName, type Side } from "../move.ts";
import { newMoveId } from "../move-id.ts";
import { nothingDone } from "../result.ts";
import { openTarget } from "../sides.ts";
import { signalOf } from "../signal.ts";
import { archivedSubject } from "./archived-subject.ts";
import { beginRestore } from "./begin-restore.ts";
import { restoreCourse } from "./course.ts";
import { findImage } from "./foreign/find-image.ts";
import { refuseObstacles } from "./foreign/refuse-obstacles.ts";
import { foreignRestorable } from "./foreign/restorable.ts";
import { notGranted } from "./grants.ts";
import { ownRestorable, type Restorable } from "./restorable.ts";
import type { RestoreOptions, RestoreStrategy } from "./restore-options.ts";
import { restorePlan } from "./restore-plan.ts";
import type { RestoreResult } from "./restore-result.ts";

/**
 * Makes a container from an archive, which goes on where it was frozen. The archive is opened and checked as a whole before anything else.
 * A failure removes what was made; no other container is touched, whatever its id.
 * @throws MigrationError only when nothing was begun: `usage`, `archive-refused`, `image-corrupt`, `image-unsupported`, `incompatible` for what podman's and the kubelet's hold
 * beyond what can be made here, and for rights that are not granted, `image-not-available`, `target-unreachable`, `engine-unavailable`, `already-migrating`, `no-space`, `cancelled`
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { archive: path, isAllowed = () => false } = options;
  const signal = signalOf(options, "the restore");
  const begin = performance.now();
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await open(options, signal, begin));
  if (opened.format === "podman") refuseObstacles(opened);
  const local = stack.use(await openHost("local", { signal }));
  const target = await openTarget(options.target ?? "local", stack, { ...options, signal }, options.targetEngine);
  if (isBundleRuntime(target.engine.name)) throw refuseBundle(target);
  const record = opened.format === "podman" ? opened.container.record : opened.record;
  const name = options.name ?? containerName({ container: record });
  const claim = claimOf({ operation: "restore", containerId: record.Id, target: target.host.name, name });
  if (options.dryRun !== true) stack.use(await lockContainer(claim, name));
  const emulator = await readEmulatorDescription(options.emulator);
  const targetFacts = await readTargetFacts(target.host, target.engine, { signal, emulator });
  const archive = await restorableOf(opened, { target, targetFacts, image: options.image });
  const container = withoutHostRequests(archive.record, isAllowed);
  const subject = await archivedSubject(archive, container, targetFacts, await target.engine.info());
  const report = examineArchived(subject, targetFacts, { name });
  const asked = options.strategy ?? "auto";
  const strategy = chooseStrategy(asked, report) as RestoreStrategy | undefined;
  const id = newMoveId();
  const common = { id, archive: path, container: containerName({ container }), name, target: target.host.name, strategy, report };
  const notes = [...archive.notes, ...notGranted(hostRequests(archive.record), isAllowed)];
  if (strategy === undefined) return { ...common, ...nothingDone, notes, status: "refused", error: refusal(asked, report) };
  await checkGranted(archive, container, strategy);
  if (options.dryRun === true) {
    const plan = restorePlan({ archive, strategy, targetFacts, name });
    return { ...common, ...nothingDone, notes, status: "planned", plan };
  }
  const restoring = await beginRestore(
    { id, strategy, archive, local, target, subject, targetFacts, name, begin, signal },
    options,
    stack,
  );
  restoring.notes.push(...notes);
  const [done] = await carryOut([restoring], restoreCourse(strategy), begin);
  const { ending, steps, figures } = done!;
  const told = { ...common, steps, figures, notes: restoring.notes };
  return ending.status === "done" ? { ...told, ...ending, status: "restored" } : { ...told, ...ending };
}

function refuseBundle({ host, engine }: Side): MigrationError {
  return new MigrationError("usage", `${engine.name} makes no container of an archive, which is of an image`, {
    host: host.name,
    remedy: "Name Docker or Podman with `--target-engine`, or make a program of its dump with `migrate-container compile`.",
  });
}

interface RestoreTarget {
  readonly target: Side;
  readonly targetFacts: TargetFacts;
  /** As the user names it. */
  readonly image: string | undefined;
}

async function restorableOf(opened: OpenedArchive, { target, targetFacts, image }: RestoreTarget): Promise<Restorable> {
  if (opened.format === "migrate-container") return await ownRestorable(opened);
  const found = await findImage(target, opened.container, image);
  return await foreignRestorable(opened, found, targetFacts.hostFacts.cpuFlags);
}

/** What the user doesn't grant, the processes would have all the same. @throws MigrationError `incompatible` */
async function checkGranted({ imagesDirectory }: Restorable, granted: ContainerRecord, strategy: RestoreStrategy): Promise<void> {
  using images = await openCheckpoint(imagesDirectory);
  const more = strategy === "restore" ? beyond(images, granted) : capabilitiesBeyond(images, granted);
  if (more.length === 0) return;
  throw new MigrationError("incompatible", `the container's processes have what is not granted: ${more.join("; ")}`, {
    host: "local",
    remedy:
      "Grant it, if you trust the archive: `migrate-container inspect` lists what it asks for, such as `CapAdd=CAP_SYS_PTRACE`, and `--allow` takes it.",
    details: { more },
  });
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
