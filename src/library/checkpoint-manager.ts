import { EventEmitter } from "node:events";
import { type InspectOptions, inspectCheckpoint } from "../checkpoint/inspect/inspect.ts";
import type { Inspection } from "../checkpoint/inspect/inspection.ts";
import { type Packaged, type PackageOptions, packageFolder } from "../checkpoint/package-folder.ts";
import { CheckpointSteps } from "../checkpoint/take/events.ts";
import { type TransferOptions, type Transferred, transferArchive } from "../checkpoint/transfer-archive.ts";
import { type UnpackArchiveOptions, type UnpackedArchive, unpackArchive } from "../checkpoint/unpack-archive.ts";
import { count } from "../text/count.ts";
import type { CheckpointEvents } from "./checkpoint-events.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { tell } from "./tell.ts";

/** How a folder becomes an archive. */
export type PackageConfig = Omit<PackageOptions, "onEvent">;
/** Where an archive is sent. */
export type TransferConfig = Omit<TransferOptions, "onEvent">;
/** How an archive is read. */
export type ReadConfig = Omit<UnpackArchiveOptions, "onEvent">;
/** How an archive is read, and what is told of it. */
export type ValidateConfig = Pick<InspectOptions, "identityFile" | "signal" | "secrets">;

/**
 * Archives of checkpoints: made from folders, sent, unpacked, validated. What it does is told as events, which don't say of which archive
 * they are: who works on several at once takes a manager for each.
 */
export class CheckpointManager extends EventEmitter<CheckpointEvents> {
  /**
   * Makes an archive of a folder that `unpack` wrote, to compress or encrypt it in another way. (`CriuManager.createCheckpoint` makes
   * one of a container.)
   * @param output the archive's path; there must be nothing yet
   */
  async package(directory: string, output: string, config: PackageConfig = {}): Promise<Outcome<Packaged>> {
    return await outcomeOf(() => packageFolder(directory, output, { ...config, onEvent: (event) => tell(this, event) }));
  }

  /** Sends an archive to another machine, where its SHA-256 is compared. There must be no file of its name yet, and on failure none is left. */
  async transfer(file: string, config: TransferConfig): Promise<Outcome<Transferred>> {
    return await outcomeOf(() => transferArchive(file, { ...config, onEvent: (event) => tell(this, event) }));
  }

  /**
   * Unpacks an archive once all of it is checked.
   * @param directory empty, or not there yet
   */
  async unpack(file: string, directory: string, config: ReadConfig = {}): Promise<Outcome<UnpackedArchive>> {
    return await outcomeOf(() => unpackArchive(file, directory, { ...config, onEvent: (event) => tell(this, event) }));
  }

  /** Checks all of an archive, or of a folder of CRIU's images, and tells what is in it. Nothing of it is kept. */
  async validate(file: string, config: ValidateConfig = {}): Promise<Outcome<Inspection>> {
    const steps = new CheckpointSteps((event) => tell(this, event));
    const onBytes = (bytes: number, totalBytes: number) => steps.bytes("read", bytes, totalBytes);
    return await outcomeOf(() =>
      steps.make("read", "Reading and checking the archive", async () => {
        const inspection = await inspectCheckpoint(file, { ...config, onBytes });
        return [inspection, `${count(inspection.totals.members, "member")}, all sound`];
      }),
    );
  }
}
