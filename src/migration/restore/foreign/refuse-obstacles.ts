import type { ForeignArchive, ForeignObstacle } from "../../../checkpoint/archive/opened.ts";
import { MigrationError } from "../../../errors.ts";

/** Refuses an archive of podman's or the kubelet's that no container can be made of. @throws MigrationError `incompatible` */
export function refuseObstacles(archive: ForeignArchive): void {
  const obstacles = [...archive.container.obstacles, ...volumes(archive)];
  if (obstacles.length === 0) return;
  throw new MigrationError("incompatible", `the archive can't be restored: ${obstacles.map(({ what }) => what).join("; ")}`, {
    host: "local",
    remedy: obstacles.map(({ remedy }) => remedy).join(" "),
    details: { obstacles: obstacles.map(({ what }) => what) },
  });
}

/** podman packs the contents of named volumes unless it is told not to. */
function volumes({ members }: ForeignArchive): ForeignObstacle[] {
  const names = members.flatMap(({ path }) => /^volumes\/(.+)\.tar$/.exec(path)?.[1] ?? []);
  if (names.length === 0) return [];
  return [
    {
      what: `it holds volumes, which are not carried: ${names.join(", ")}`,
      remedy:
        "Run the container with its data in its own files; if it can do without, take the checkpoint again with `--ignore-volumes`.",
    },
  ];
}
