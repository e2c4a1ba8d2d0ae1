import type { ContainerRecord, ImageRecord } from "../../engine/docker/engine.ts";
import { messageOf } from "../../errors.ts";
import { parseBoundedJson } from "./bounded-json.ts";
import type { ArchiveManifest } from "./manifest.ts";
import { refusal, shown } from "./refusal.ts";
import { Shape } from "./shape.ts";

/**
 * Docker's record of the container, as far as it must be sound to be shown and used, and of the same container that the manifest
 * names.
 * @throws MigrationError `archive-refused`: `record-invalid`, `bad-id`
 */
export function parseContainerRecord(text: string, { container, image }: ArchiveManifest): ContainerRecord {
  const value = parseJson(text, "container.json");
  const record = new Shape(value, "container.json", "record-invalid");
  const at = record.object();
  if (at("Id").text() !== container.id) at("Id").fail("is another than the manifest's");
  if (at("Name").text() !== `/${container.name}`) at("Name").fail("is another than the manifest's");
  if (at("Image").text() !== image.id) at("Image").fail("is another than the manifest's");
  const config = at("Config").object();
  for (const list of ["Env", "Cmd", "Entrypoint"]) readTexts(config(list));
  const host = at("HostConfig").object();
  for (const list of ["Binds", "CapAdd", "CapDrop", "SecurityOpt", "VolumesFrom", "Links", "DeviceCgroupRules"])
    readTexts(host(list));
  for (const mount of at("Mounts").list()) {
    const field = mount.object();
    field("Type").text();
    field("Destination").text(/^\/[^\0]*$/);
  }
  return value as ContainerRecord;
}

/** @throws MigrationError `archive-refused`, `record-invalid` */
export function parseImageRecord(text: string, { image }: ArchiveManifest): ImageRecord {
  const value = parseJson(text, "image.json");
  const at = new Shape(value, "image.json", "record-invalid").object();
  if (at("Id").text() !== image.id) at("Id").fail("is another than the manifest's");
  const layers = at("RootFS").object()("Layers");
  if (layers.texts().join() !== image.layers.join()) layers.fail("are others than the manifest's");
  return value as ImageRecord;
}

/** Docker has null for empty lists. */
function readTexts(list: Shape): void {
  if (!list.absent && !list.isNull) list.texts();
}

/** @param mostValues as for `parseBoundedJson` @throws MigrationError `archive-refused`, `record-invalid` */
export function parseJson(text: string, name: string, mostValues?: number): unknown {
  try {
    return parseBoundedJson(text, mostValues);
  } catch (cause) {
    throw refusal("record-invalid", `${name} is no JSON`, { member: name, cause: new Error(shown(messageOf(cause))) });
  }
}
