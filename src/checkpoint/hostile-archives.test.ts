import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { MigrationError, messageOf } from "../errors.ts";
import { defaultLimits } from "./archive/limits.ts";
import { openArchive } from "./archive/open-archive.ts";
import { refusalReasons } from "./archive/refusal.ts";
import { podmanLayout } from "./testing/foreign-layout.ts";
import { confinementMutations } from "./testing/hostile/confinement.ts";
import { contentMutations } from "./testing/hostile/content.ts";
import { encryptionMutations } from "./testing/hostile/encryption.ts";
import { foreignMutations } from "./testing/hostile/foreign.ts";
import { headerMutations } from "./testing/hostile/headers.ts";
import { manifestMutations } from "./testing/hostile/manifest.ts";
import { nameMutations } from "./testing/hostile/members.ts";
import type { Mutation } from "./testing/hostile/mutation.ts";
import { streamMutations } from "./testing/hostile/stream.ts";
import { upperMutations } from "./testing/hostile/upper.ts";
import { entriesOf, type Parts, partsOf, sha256, tarOf, zstd } from "./testing/parts.ts";
import { rawTar } from "./testing/raw-tar.ts";
import { realArchive } from "./testing/real-archive.ts";
import { snapshot } from "./testing/tree-snapshot.ts";

/** Everything lies in here, so that what is written elsewhere in it is seen: `state` apart, it must stay as it is. */
const folder = await mkdtemp(join(tmpdir(), "hostile-"));
const outside = join(folder, "outside");
const work = join(folder, "state", "migrate-container", "work");
const before_ = process.env.XDG_STATE_HOME;
let parts: Parts;
before(async () => {
  await mkdir(join(outside, "deep"), { recursive: true });
  await writeFile(join(outside, "file"), "as it was");
  await symlink("file", join(outside, "link"));
  process.env.XDG_STATE_HOME = join(folder, "state");
  await using real = await realArchive(folder);
  parts = await partsOf(real.path);
  await writeFile(join(folder, "state", "neighbour"), "as it was");
});
after(async () => {
  if (before_ === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = before_;
  await rm(folder, { recursive: true, force: true });
});

test("hostile archives: the archives that they are made from are sound", async () => {
  const path = join(folder, "sound");
  await writeFile(path, zstd(tarOf(parts.manifest, entriesOf(parts))));
  await using own = await openArchive(path);
  assert.equal(own.format, "migrate-container");
  await writeFile(path, zstd(rawTar(podmanLayout(parts))));
  await using foreign = await openArchive(path);
  assert.equal(foreign.format, "podman");
  await rm(path);
});

const groups: readonly (readonly [string, () => Mutation[] | Promise<Mutation[]>])[] = [
  ["the stream", () => streamMutations(parts)],
  ["headers", () => headerMutations(parts)],
  ["names", () => nameMutations(parts, outside)],
  ["the manifest", () => manifestMutations(parts)],
  ["records and images", () => contentMutations(parts)],
  ["confinement", () => confinementMutations(parts)],
  ["the writable layer", () => upperMutations(parts, outside)],
  ["encryption", () => encryptionMutations(parts, folder)],
  ["podman's archives", () => foreignMutations(parts, outside)],
];
const seen = new Map<string, number>();
const distinct = new Set<string>();

for (const [what, mutationsOf] of groups) {
  test(`hostile archives, ${what}: each is refused by name, nothing is written elsewhere, nothing stays`, async (context) => {
    const mutations = await mutationsOf();
    const path = join(folder, "hostile");
    await writeFile(path, "");
    const wrong: string[] = [];
    for (const { name, expected, archive, limits, identityFile } of mutations) {
      const bytes = await archive();
      distinct.add(sha256(bytes));
      await writeFile(path, bytes);
      const everything = await snapshot(folder);
      const got = await refusalOf(path, { limits: { ...defaultLimits, ...limits }, identityFile });
      if (got !== expected) wrong.push(`${name}: ${got}, not ${expected}`);
      seen.set(expected, (seen.get(expected) ?? 0) + 1);
      assert.deepEqual(await readdir(work), [], `${name}: something stayed`);
      assert.deepEqual(await snapshot(folder), everything, `${name}: something was written elsewhere`);
    }
    context.diagnostic(`${mutations.length} hostile archives`);
    assert.deepEqual(wrong, []);
  });
}

test("hostile archives: no bit of an archive that is not compressed can flip unseen", async () => {
  const sound = tarOf(parts.manifest, entriesOf(parts));
  const path = join(folder, "flipped");
  const byte = fc.nat({ max: sound.length - 1 });
  await fc.assert(
    fc.asyncProperty(byte, fc.nat({ max: 7 }), async (offset, bit) => {
      const copy = Buffer.from(sound);
      copy[offset]! ^= 1 << bit;
      await writeFile(path, copy);
      const got = await refusalOf(path, {});
      assert.ok(got === "image-corrupt" || (refusalReasons as readonly string[]).includes(got), got);
      assert.deepEqual(await readdir(work), []);
    }),
    { numRuns: 150 },
  );
});

test("hostile archives: there are enough, and every reason is met", (context) => {
  const count = [...seen.values()].reduce((sum, each) => sum + each, 0);
  context.diagnostic(`${count} hostile archives refused, ${distinct.size} of them different files, for ${seen.size} reasons`);
  assert.ok(distinct.size >= 200, `${distinct.size} archives`);
  assert.deepEqual(
    refusalReasons.filter((reason) => !seen.has(reason)),
    [],
  );
});

/** The reason that an archive is refused for, or the error's code; `accepted`. */
async function refusalOf(path: string, options: Parameters<typeof openArchive>[1]): Promise<string> {
  try {
    await using _ = await openArchive(path, options);
    return "accepted";
  } catch (error) {
    if (!(error instanceof MigrationError)) return `unforeseen: ${(error as Error).stack}`;
    if (error.code !== "archive-refused") return error.code;
    assert.ok((error.remedy ?? "").length > 20);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they could command a terminal
    assert.doesNotMatch(`${error.message}${messageOf(error.cause)}${error.details.member}`, /[\x00-\x1f\x7f-\x9f]/);
    return String(error.details.reason);
  }
}
