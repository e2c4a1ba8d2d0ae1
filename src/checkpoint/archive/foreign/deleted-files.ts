import { parseJson } from "../container-record.ts";
import { refusal, shown } from "../refusal.ts";

/**
 * The files of the image that the container has deleted, as paths below its root. podman removed them from the host's root instead when
 * they began with `../` (podman issue 27977).
 * @throws MigrationError `archive-refused`: `record-invalid`, `deleted-path`
 */
export function parseDeletedFiles(text: string): string[] {
  const list = parseJson(text, "deleted.files", Number.POSITIVE_INFINITY);
  if (list === null) return [];
  if (!Array.isArray(list)) throw notAList();
  return list.map((path: unknown) => {
    if (typeof path !== "string") throw notAList();
    const parts = path.replace(/^\//, "").split("/");
    if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..")) {
      throw refusal("deleted-path", `deleted.files names \`${shown(path)}\`, which leads out of the container's files`, {
        member: "deleted.files",
      });
    }
    return parts.join("/");
  });
}

const notAList = () => refusal("record-invalid", "deleted.files is no list of paths", { member: "deleted.files" });
