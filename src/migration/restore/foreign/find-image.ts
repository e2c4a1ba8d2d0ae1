import type { ForeignContainer } from "../../../checkpoint/archive/opened.ts";
import type { ImageRecord } from "../../../engine/docker/engine.ts";
import { MigrationError } from "../../../errors.ts";
import type { Side } from "../../move.ts";

export interface FoundImage {
  readonly name: string;
  readonly record: ImageRecord;
  readonly notes: readonly string[];
}

/**
 * The image that podman's or the kubelet's container was made from, on the target: by its digest, which both engines have in common where
 * neither has changed its configuration; else by its name; or the one that the user names.
 * @throws MigrationError `image-not-available`
 */
export async function findImage(
  { engine, host }: Side,
  { image: name, imageId }: Pick<ForeignContainer, "image" | "imageId">,
  asked: string | undefined,
): Promise<FoundImage> {
  const [wanted, shown] = [asked ?? name, name === "" ? (imageId ?? "of the container") : name];
  if (imageId !== undefined && asked === undefined && (await engine.hasImage(imageId))) {
    return { name: shown, record: await engine.inspectImage(imageId), notes: [] };
  }
  if (wanted !== "" && (await engine.hasImage(wanted))) {
    const record = await engine.inspectImage(wanted);
    const note = `${wanted} there is taken for the archive's image ${shown}: files that differ are the container's now`;
    return { name: wanted, record, notes: record.Id === imageId ? [] : [note] };
  }
  throw new MigrationError(
    "image-not-available",
    `the image ${asked ?? shown} is not there, and archives of podman and the kubelet have none`,
    {
      host: host.name,
      remedy:
        asked === undefined
          ? `Bring it there (\`podman save ${shown} | docker load\`, or \`docker pull ${shown}\`), or name another with \`--image\`.`
          : "Pull it there, or name another with `--image`.",
    },
  );
}
