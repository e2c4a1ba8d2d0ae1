import type { TarEntry } from "../tar/read-tar.ts";
import { refusal, shown } from "./refusal.ts";

/** @throws MigrationError `archive-refused` unless it is a plain file with a plain header */
export function checkPlain({ name, type, records }: TarEntry): void {
  const member = shown(name);
  if (type === "link" || type === "symlink") throw refusal("link-member", `\`${member}\` is a link`, { member });
  if (type === "directory") throw refusal("member-type", `\`${member}\` is a folder`, { member });
  if (type !== "file") throw refusal("device-member", `\`${member}\` is a ${type}`, { member });
  const sparse = [...records.keys()].some((key) => key.startsWith("GNU.sparse."));
  if (sparse) throw refusal("sparse-member", `\`${member}\` is a file with holes`, { member });
  if (records.size > 0) throw refusal("extended-header", `\`${member}\` has an extended header`, { member });
}
