import assert from "node:assert/strict";
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { after, before, test } from "node:test";
import { createGzip, createZstdCompress } from "node:zlib";
import { execa } from "execa";
import { canonicalJson } from "./archive/canonical-json.ts";
import { podmanLayout } from "./testing/foreign-layout.ts";
import { contentOf, entriesOf, type Parts, partsOf, tarOf, withContent, zstd } from "./testing/parts.ts";
import { type RawEntry, rawTar } from "./testing/raw-tar.ts";
import { realArchive } from "./testing/real-archive.ts";

const gibibyte = 2 ** 30;
/** How much more memory than a sound archive a bomb may take. */
const mostBytes = 300 * 2 ** 20;
let folder: string;
let parts: Parts;
let soundBytes: number;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "bombs-"));
  await using real = await realArchive(folder);
  parts = await partsOf(real.path);
  await writeFile(join(folder, "sound"), zstd(tarOf(parts.manifest, entriesOf(parts))));
  const sound = await open(join(folder, "sound"));
  assert.equal(sound.outcome, "accepted");
  soundBytes = sound.peakBytes;
});
after(() => rm(folder, { recursive: true, force: true }));

async function open(path: string, ...more: string[]): Promise<{ outcome: string; peakBytes: number }> {
  const script = join(import.meta.dirname, "testing/open-in-child.ts");
  const environment = { XDG_STATE_HOME: join(folder, "state") };
  const { stdout } = await execa(process.execPath, [script, path, ...more], { env: environment });
  return JSON.parse(stdout) as { outcome: string; peakBytes: number };
}

const zeros = Buffer.alloc(2 ** 20);

/** Writes `before`, then zeros. */
async function writeBomb(path: string, before: Buffer, zeroBytes: number, compressor = createZstdCompress()): Promise<void> {
  const content = async function* () {
    yield before;
    for (let left = zeroBytes; left > 0; left -= zeros.length) yield zeros;
  };
  await pipeline(content, compressor, createWriteStream(path));
}

/** The header of a file of that size, without the content. */
function headerOf(name: string, size: number): Buffer {
  const edit = (header: Buffer) => {
    header.fill(0, 124, 136);
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  };
  const entry: RawEntry = { name, edit };
  return rawTar([entry], Buffer.alloc(0));
}

interface Bomb {
  readonly name: string;
  readonly expected: string;
  readonly write: (path: string) => Promise<void>;
  readonly ratio?: number;
}

const bombs: readonly Bomb[] = [
  {
    name: "8 GiB of zeros after the end of a sound archive",
    expected: "trailing-data",
    write: (path) => writeBomb(path, tarOf(parts.manifest, entriesOf(parts)), 8 * gibibyte),
  },
  {
    name: "2 GiB of zeros after the end, with gzip",
    expected: "trailing-data",
    write: (path) => writeBomb(path, tarOf(parts.manifest, entriesOf(parts)), 2 * gibibyte, createGzip({ level: 1 }) as never),
  },
  {
    name: "3 GiB of zeros as memory that the manifest tells of, with a wrong sum",
    expected: "wrong-sum",
    write: async (path) => {
      const last = parts.manifest.members.at(-1)!;
      const members = [...parts.manifest.members.slice(0, -1), { ...last, size: 3 * gibibyte }];
      const manifest = Buffer.from(canonicalJson({ ...parts.manifest, members }));
      const entries = [{ name: "manifest.json", content: manifest }, ...entriesOf(parts).slice(0, -1)];
      const tar = rawTar(entries, Buffer.alloc(0));
      await writeBomb(path, Buffer.concat([tar, headerOf(last.path, 3 * gibibyte)]), 3 * gibibyte);
    },
    ratio: Number.MAX_SAFE_INTEGER,
  },
  {
    name: "8 GiB of zeros as podman's log",
    expected: "ratio",
    write: (path) =>
      writeBomb(
        path,
        Buffer.concat([rawTar(podmanLayout(parts), Buffer.alloc(0)), headerOf("dump.log", 8 * gibibyte)]),
        8 * gibibyte,
      ),
  },
  {
    name: "8 GiB of zeros as a manifest",
    expected: "manifest-too-large",
    write: (path) => writeBomb(path, headerOf("manifest.json", 8 * gibibyte), 8 * gibibyte),
  },
  {
    name: "a manifest of three million empty lists",
    expected: "manifest-not-json",
    write: (path) => writeFile(path, zstd(tarOf(`{"format":1,"members":[${"[],".repeat(2_700_000)}0]}`, []))),
  },
  {
    name: "a manifest of four million lists in each other",
    expected: "manifest-not-json",
    write: (path) => writeFile(path, zstd(tarOf("[".repeat(4_000_000) + "]".repeat(4_000_000), []))),
  },
  {
    name: "a record of a million empty mounts",
    expected: "record-invalid",
    write: async (path) => {
      const record = JSON.parse(contentOf(parts, "container.json").toString()) as object;
      const content = JSON.stringify({ ...record, Mounts: Array.from({ length: 1_000_000 }, () => []) });
      const changed = withContent(parts, "container.json", Buffer.from(content));
      await writeFile(path, zstd(tarOf(changed.manifest, entriesOf(changed))));
    },
  },
  {
    name: "podman's list of eight million deleted files",
    expected: "deleted-path",
    write: async (path) => {
      const content = Buffer.from(`[${'"a",'.repeat(8_000_000)}"../x"]`);
      const entries = podmanLayout(parts).map((part) => (part.name === "deleted.files" ? { ...part, content } : part));
      await writeFile(path, zstd(rawTar(entries)));
    },
  },
  {
    name: "200,000 folders of podman's",
    expected: "duplicate-member",
    write: async (path) => {
      const folders = rawTar([{ name: "artifacts", typeFlag: "5" }], Buffer.alloc(0));
      await writeFile(path, zstd(Buffer.concat(Array.from({ length: 200_000 }, () => folders))));
    },
  },
  {
    name: "extended headers of a mebibyte each, without end",
    expected: "extended-header",
    write: async (path) => {
      const header = rawTar([{ name: "x", typeFlag: "x", content: Buffer.alloc(2 ** 20, "1") }], Buffer.alloc(0));
      await writeBomb(path, Buffer.concat(Array.from({ length: 64 }, () => header)), 4 * gibibyte);
    },
  },
];

for (const { name, expected, write, ratio } of bombs) {
  test(`bombs: ${name}: refused within bounded memory, nothing stays`, async (context) => {
    const path = join(folder, "bomb");
    await write(path);
    const { outcome, peakBytes } = await open(path, ...(ratio === undefined ? [] : [String(ratio)]));
    const more = peakBytes - soundBytes;
    context.diagnostic(`${(await stat(path)).size} bytes; ${Math.round(more / 2 ** 20)} MiB more memory than a sound archive`);
    assert.equal(outcome, expected);
    assert.ok(more < mostBytes, `${more} bytes more`);
    assert.deepEqual(await readdir(join(folder, "state/migrate-container/work")), []);
  });
}
