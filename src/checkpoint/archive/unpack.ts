import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { TarEntry } from "../tar/read-tar.ts";
import type { Budget } from "./budget.ts";
import type { ArchiveLimits } from "./limits.ts";
import {
  type ArchiveManifest,
  type ArchiveMember,
  executablesFolder,
  imagePartsFolder,
  imagesFolder,
  manifestName,
} from "./manifest.ts";
import { checkName, TakenNames } from "./member-names.ts";
import { checkPlain } from "./plain-entry.ts";
import { readManifest } from "./read-manifest.ts";
import { refusal, shown } from "./refusal.ts";
import { writeMember } from "./write-member.ts";

export interface UnpackOptions {
  /** Our own, empty and private. */
  readonly folder: string;
  readonly limits: ArchiveLimits;
  readonly budget: Budget;
}

/**
 * Unpacks an archive of our own. The manifest comes first; every member is compared with it before any of it is written, and its
 * sum when it is whole.
 * @throws MigrationError `archive-refused`, `no-space`
 */
export async function unpackOwn(
  first: TarEntry,
  others: AsyncIterable<TarEntry>,
  { folder, limits, budget }: UnpackOptions,
): Promise<ArchiveManifest> {
  const { manifest, bytes } = await readManifest(first, limits);
  await writeMember(folder, manifestName, Readable.from([bytes]));
  for (const { size } of manifest.members) budget.spend(size);
  for (const name of [imagesFolder, executablesFolder, imagePartsFolder]) await mkdir(join(folder, name), { mode: 0o700 });
  const listed = new Map(manifest.members.map((member) => [member.path, member]));
  const taken = new TakenNames();
  const arrived: string[] = [];
  for await (const entry of others) {
    const member = expectMember(entry, listed, limits);
    taken.take(entry.name);
    checkAgainst(entry, member);
    const { sha256 } = await writeMember(folder, entry.name, entry.content);
    if (sha256 !== member.sha256) throw refusal("wrong-sum", `the SHA-256 of \`${entry.name}\` is wrong`, { member: entry.name });
    arrived.push(entry.name);
  }
  checkOrder(manifest.members, arrived);
  return manifest;
}

function expectMember(entry: TarEntry, listed: ReadonlyMap<string, ArchiveMember>, limits: ArchiveLimits): ArchiveMember {
  checkPlain(entry);
  checkName(entry.name, limits);
  if (entry.name === manifestName) throw refusal("manifest-twice", "it has two manifests");
  const member = listed.get(entry.name);
  if (member !== undefined) return member;
  const name = shown(entry.name);
  const twin = [...listed.keys()].find((path) => folded(path) === folded(entry.name));
  if (twin !== undefined) throw refusal("name-collision", `\`${name}\` is \`${twin}\` on some file systems`, { member: name });
  throw refusal("unlisted-member", `its manifest does not tell of \`${name}\``, { member: name });
}

const folded = (name: string) => name.normalize("NFKC").toLowerCase();

function checkAgainst(entry: TarEntry, { path, size, mode }: ArchiveMember): void {
  if (entry.size !== size) {
    throw refusal("wrong-size", `\`${path}\` has ${entry.size} bytes, and its manifest tells of ${size}`, { member: path });
  }
  if (entry.mode !== mode) throw refusal("wrong-mode", `\`${path}\` has another mode than its manifest tells`, { member: path });
}

function checkOrder(members: readonly ArchiveMember[], arrived: readonly string[]): void {
  const came = new Set(arrived);
  const missing = members.find(({ path }) => !came.has(path));
  if (missing !== undefined) throw refusal("missing-member", `\`${missing.path}\` is missing`, { member: missing.path });
  const out = members.find(({ path }, index) => arrived[index] !== path);
  if (out !== undefined) throw refusal("member-order", `\`${out.path}\` is not in its place`, { member: out.path });
}
