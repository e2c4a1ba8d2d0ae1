import { MigrationError } from "../../errors.ts";
import { Checkpoint } from "./checkpoint.ts";
import type { CheckpointImages } from "./checkpoint-images.ts";
import { readGhostFiles } from "./ghost-file.ts";
import { LoadedImages } from "./loaded-images.ts";
import { refuseNewerFormat } from "./newer-format.ts";
import type { InventoryEntry } from "./schema/index.ts";
import { listTemporaryFileSystems } from "./temporary-file-systems.ts";

/** Image versions 1.0 and 1.1 (CRIU v4.2, criu/include/image.h). */
const knownVersions: readonly number[] = [1, 2];

/**
 * Opens a CRIU image directory: reads and checks all images but the pages. Close it after use.
 * @throws MigrationError `image-corrupt` when images are missing, damaged or disagree; `image-unsupported` when they are of a
 * newer or much older CRIU, or pages are elsewhere (pre-dumps, lazy pages)
 */
export async function openCheckpoint(directory: string): Promise<CheckpointImages> {
  const images = await LoadedImages.load(directory);
  const [inventory] = images.messages("inventory");
  if (inventory === undefined) {
    throw new MigrationError("image-corrupt", `${directory} has no inventory.img: it is no complete CRIU checkpoint`, {
      remedy: "Name the directory that CRIU wrote its images to, or take the checkpoint again.",
    });
  }
  checkInventory(inventory);
  return new Checkpoint(images, inventory, await listTemporaryFileSystems(directory), await readGhostFiles(directory));
}

function checkInventory(inventory: InventoryEntry): void {
  refuseNewerFormat("inventory_entry", inventory, "inventory.img");
  if (!knownVersions.includes(inventory.img_version)) {
    throw unsupported(`images of version ${inventory.img_version}`);
  }
  if (inventory.fdinfo_per_id !== true) {
    throw unsupported("descriptor tables are by process: the images are of a very old CRIU");
  }
  if (inventory.pre_dump_mode !== undefined) {
    throw unsupported("a pre-dump, which has pages only");
  }
}

function unsupported(what: string): MigrationError {
  return new MigrationError("image-unsupported", `inventory.img: ${what}`, {
    remedy: "Take a whole checkpoint with CRIU 4.2.",
    details: { file: "inventory.img" },
  });
}
