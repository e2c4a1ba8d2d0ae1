import { messageOf } from "../../errors.ts";
import { parseBoundedJson } from "./bounded-json.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { ArchiveLimits } from "./limits.ts";
import {
  type ArchivedExecutable,
  type ArchivedImage,
  type ArchiveManifest,
  type ArchiveMember,
  type ArchiveSource,
  archiveFormat,
  containerRecordName,
  executablesFolder,
  imageRecordName,
  memberKind,
  upperName,
} from "./manifest.ts";
import { checkName, plainName, TakenNames } from "./member-names.ts";
import { type RefusalReason, refusal, shown } from "./refusal.ts";
import { Shape } from "./shape.ts";

const digest = /^sha256:[0-9a-f]{64}$/;
const sum = /^[0-9a-f]{64}$/;
const nanoseconds = /^(0|[1-9]\d{0,20})$/;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const architectures = /^(x86_64|aarch64)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const line = /^[^\x00-\x1f\x7f]{0,1000}$/;
const containerPath = /^\/[^\0]{1,4094}$/;
const fields = ["format", "tool", "created", "source", "container", "image", "clocks", "executables", "semaphores", "members"];
const largestMode = 0o777;

/**
 * Reads a manifest, of which nothing is taken on trust.
 * @throws MigrationError `archive-refused`: `manifest-not-json`, `manifest-not-canonical`, `manifest-invalid`, `format-version`,
 * `bad-id`, and those of names and sizes
 */
export function parseManifest(bytes: Uint8Array, limits: ArchiveLimits): ArchiveManifest {
  const text = Buffer.from(bytes).toString();
  const value = parseJson(text);
  const manifest = new Shape(value, "the manifest", "manifest-invalid");
  // Of a newer format, only the version is understood.
  const { format } = (value ?? {}) as { format?: unknown };
  if (format !== archiveFormat) {
    if (!Number.isSafeInteger(format)) manifest.fail("has no format version");
    throw refusal("format-version", `it has format ${format}, and this version reads format ${archiveFormat}`, {
      remedy: "Read it with the version of migrate-container that wrote it, or a later one.",
    });
  }
  const at = manifest.object(fields);
  const container = at("container").object(["id", "name"]);
  const clocks = at("clocks").object(["realtime", "boottime"]);
  const members = readMembers(at("members"), limits);
  const read: ArchiveManifest = {
    format: archiveFormat,
    tool: at("tool").text(line),
    created: at("created").text(isoTime),
    source: readSource(at("source")),
    container: { id: container("id").text(plainName, "bad-id"), name: container("name").text(plainName, "bad-id") },
    image: readImage(at("image")),
    clocks: { realtime: clocks("realtime").text(nanoseconds), boottime: clocks("boottime").text(nanoseconds) },
    executables: readExecutables(at("executables"), members),
    semaphores: at("semaphores").texts(/^[1-9]\d{0,9}:(0|[1-9]\d{0,9})$/),
    members,
  };
  // Last, since it takes memory: what is read has the right shape by now.
  if (canonicalJson(read) !== text)
    throw refusal("manifest-not-canonical", "the manifest is not in the form in which it is written");
  return read;
}

function parseJson(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch (cause) {
    throw refusal("manifest-not-json", "its manifest is no JSON", { cause: new Error(shown(messageOf(cause))) });
  }
}

function readSource(source: Shape): ArchiveSource {
  const at = source.object(["architecture", "kernel", "cpuFlags", "engine"]);
  return {
    architecture: at("architecture").text(architectures),
    kernel: at("kernel").text(line),
    cpuFlags: at("cpuFlags").texts(/^[a-z0-9_]{1,64}$/),
    engine: at("engine").text(line),
  };
}

function readImage(image: Shape): ArchivedImage {
  const at = image.object(["id", "name", "digests", "layers"]);
  return {
    id: at("id").text(digest, "bad-id"),
    name: at("name").text(/^[a-zA-Z0-9][a-zA-Z0-9_./:@-]{0,511}$/, "bad-id"),
    digests: at("digests").texts(/^[a-zA-Z0-9][a-zA-Z0-9_./:-]{0,511}@sha256:[0-9a-f]{64}$/, "bad-id"),
    layers: at("layers").texts(digest, "bad-id"),
  };
}

function readExecutables(list: Shape, members: readonly ArchiveMember[]): ArchivedExecutable[] {
  const known = new Set(members.map(({ path }) => path));
  const paths = new Set<string>();
  return list.list().map((each) => {
    const at = each.object(["path", "member"]);
    const [path, member] = [at("path").text(containerPath), at("member").text()];
    if (!member.startsWith(`${executablesFolder}/`) || !known.has(member)) each.fail("names a member that is none");
    if (paths.has(path)) each.fail("is there twice");
    paths.add(path);
    return { path, member };
  });
}

function readMembers(list: Shape, limits: ArchiveLimits): ArchiveMember[] {
  const taken = new TakenNames();
  const members = list.list(limits.members).map((each) => {
    const at = each.object(["path", "size", "mode", "sha256"]);
    const member = {
      path: at("path").text(),
      size: at("size").count(),
      mode: at("mode").count(),
      sha256: at("sha256").text(sum),
    };
    checkName(member.path, limits);
    taken.take(member.path);
    return member;
  });
  for (const member of members) checkMember(member, limits);
  for (const path of [containerRecordName, imageRecordName, upperName, "images/inventory.img", "images/SHA256SUMS"]) {
    if (!taken.has(path)) throw refusal("missing-member", `it has no \`${path}\``, { member: path });
  }
  return members;
}

function checkMember({ path, size, mode, sha256 }: ArchiveMember, { documentBytes }: ArchiveLimits): void {
  const refuse = (reason: RefusalReason, why: string) =>
    refusal(reason, `the member \`${shown(path)}\` ${why}`, { member: shown(path) });
  const kind = memberKind(path);
  if (kind === undefined) throw refuse("unknown-member", "is none of the format");
  if (kind === "by-digest" && !path.endsWith(`/${sha256}`)) throw refuse("wrong-sum", "is named by another sum than it has");
  if (kind === "document" && size > documentBytes) throw refuse("too-large", `has ${size} bytes`);
  if (mode > largestMode) throw refuse("manifest-invalid", "has a mode with bits that no member has");
}
