import { MigrationError } from "../../errors.ts";
import { type HasUnknownFields, unknownFields } from "../protobuf/schema.ts";

/** The highest field numbers of CRIU v4.2 in the messages that tell how pages are stored. */
const highestKnown = { inventory_entry: 14, pagemap_head: 1, pagemap_entry: 5 } as const;

/**
 * Refuses images that store pages in a way this version does not know: CRIU after 4.2 can compress them
 * (https://github.com/checkpoint-restore/criu/pull/2895), and says so only in new fields of these messages.
 * @throws MigrationError `image-unsupported`
 */
export function refuseNewerFormat(messageName: keyof typeof highestKnown, value: HasUnknownFields, file: string): void {
  const field = value[unknownFields]?.find(({ number }) => number > highestKnown[messageName]);
  if (field !== undefined) {
    throw new MigrationError(
      "image-unsupported",
      `${file}: ${messageName} has field ${field.number}, which CRIU 4.2 does not write: the pages may be compressed`,
      {
        remedy: "Take the checkpoint with CRIU 4.2, without compression, or update migrate-container.",
        details: { file, field: `${messageName}.${field.number}` },
      },
    );
  }
}
