import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckpointImages } from "../../../criu/images/checkpoint-images.ts";
import { parseJson } from "../container-record.ts";
import { Shape } from "../shape.ts";

const standardDescriptors = [0, 1, 2] as const;

/**
 * What the first process's standard descriptors were when its runtime made them, as runc names them. runc and crun (libcrun/criu.c) write it
 * beside the images, crun with more descriptors; where nobody did, they are what they were at the dump.
 * @throws MigrationError `archive-refused`, `record-invalid`
 */
export async function foreignStdio(images: CheckpointImages): Promise<string[]> {
  const text = await readFile(join(images.directory, "descriptors.json"), "utf8").catch(() => undefined);
  if (text === undefined) return standardDescriptors.map((descriptor) => nameAtDump(images, descriptor));
  const list = new Shape(parseJson(text, "descriptors.json"), "descriptors.json", "record-invalid").texts();
  return list.slice(0, standardDescriptors.length);
}

function nameAtDump(images: CheckpointImages, descriptor: number): string {
  const table = images.ids(images.pstree[0]?.pid ?? 0)?.files_id;
  const open = table === undefined ? undefined : images.fdinfo(table).find(({ fd }) => fd === descriptor);
  const file = open && images.files.get(open.id);
  if (file?.pipe !== undefined) return `pipe:[${file.pipe.pipe_id}]`;
  return file?.reg?.name ?? "/dev/null";
}
