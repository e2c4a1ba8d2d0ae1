import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { TarEntry } from "../../tar/read-tar.ts";
import { checkName, TakenNames } from "../member-names.ts";
import type { ArchivedFile } from "../opened.ts";
import { refusal, shown } from "../refusal.ts";
import type { UnpackOptions } from "../unpack.ts";
import { writeMember } from "../write-member.ts";
import { type ForeignKind, foreignKind } from "./members.ts";

/**
 * Unpacks an archive of podman's or the kubelet's, which has no manifest: only its names and sizes can be checked.
 * @throws MigrationError `archive-refused`, `no-space`
 */
export async function unpackForeign(
  first: TarEntry,
  others: AsyncIterable<TarEntry>,
  options: UnpackOptions,
): Promise<readonly ArchivedFile[]> {
  const { folder, budget } = options;
  const taken = new TakenNames();
  const made = new Set<string>();
  const files: ArchivedFile[] = [];
  const take = async (entry: TarEntry): Promise<void> => {
    const { name, kind } = expectMember(entry, options);
    if (name === undefined) return;
    taken.take(name);
    const parent = kind === "folder" ? name : name.split("/").slice(0, -1).join("/");
    if (parent !== "" && !made.has(parent)) await mkdir(join(folder, parent), { mode: 0o700 });
    made.add(parent);
    if (kind === "folder") return;
    budget.spend(entry.size);
    const { size, sha256 } = await writeMember(folder, name, entry.content);
    files.push({ path: name, size, sha256 });
  };
  await take(first);
  for await (const entry of others) await take(entry);
  for (const path of ["config.dump", "spec.dump", "checkpoint/inventory.img"]) {
    if (!taken.has(path)) throw refusal("missing-member", `it has no \`${path}\``, { member: path });
  }
  return files;
}

/** @returns no name for the folder that all members lie in */
function expectMember(
  entry: TarEntry,
  { limits }: UnpackOptions,
): { readonly name: string | undefined; readonly kind: ForeignKind } {
  const { type } = entry;
  const isFolder = type === "directory";
  const member = shown(entry.name);
  if (type === "link" || type === "symlink") throw refusal("link-member", `\`${member}\` is a link`, { member });
  if (type !== "file" && !isFolder) throw refusal("device-member", `\`${member}\` is a ${type}`, { member });
  if ([...entry.records.keys()].some((key) => key.startsWith("GNU.sparse."))) {
    throw refusal("sparse-member", `\`${member}\` is a file with holes`, { member });
  }
  if (isFolder && /^\.\/?$/.test(entry.name)) return { name: undefined, kind: "folder" };
  const name = entry.name.replace(/^\.\//, "").replace(isFolder ? /\/$/ : /$^/, "");
  checkName(name, limits);
  const kind = foreignKind(name, isFolder);
  if (kind === undefined) throw refusal("unknown-member", `archives of podman and the kubelet have no \`${member}\``, { member });
  const most = name === "deleted.files" ? limits.listBytes : limits.documentBytes;
  if (kind === "document" && entry.size > most) {
    throw refusal("too-large", `the member \`${member}\` has ${entry.size} bytes`, { member });
  }
  return { name, kind };
}
