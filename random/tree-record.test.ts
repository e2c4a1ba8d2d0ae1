import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { openLocalHost } from "../src/host/local.ts";
import { makeTree } from "./make-tree.ts";
import { type FileRecord, readTree } from "./tree-record.ts";
import type { FileSpec } from "./tree-spec.ts";

const host = openLocalHost();
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tree-record-"));
  await makeTree(folder, { files: kinds.map((kind, index) => ({ ...plain, kind, name: `${kind}${index}` })) });
});
after(() => rm(folder, { recursive: true }));

const kinds = ["file", "folder", "holes", "symlink", "hardlink", "fifo", "character-device", "block-device"] as const;
const plain: Omit<FileSpec, "kind" | "name"> = {
  folder: 0,
  links: 0,
  leadsTo: "nowhere",
  size: 5000,
  filling: 1,
  mode: 0o4755,
  owner: 33,
  group: 44,
  modified: "1000000000123456789",
  attributes: { "user.mark": "00ff" },
};

test("a tree that is made has what its description says", async () => {
  const tree = await readTree(host, folder);
  const common = { mode: "4755", owner: "33", group: "44", modified: "1000000000.1234567890", leadsTo: "" };
  const mark = { "SCHILY.xattr.user.mark": Buffer.from([0, 255]).toString("base64") };
  assert.deepEqual(Object.keys(tree).toSorted(), [".", ...kinds.map((kind, index) => `${kind}${index}`)].toSorted());
  const { sha256, ...file } = tree.file0!;
  assert.match(sha256!, /^[0-9a-f]{64}$/);
  const expected: Partial<FileRecord> = {
    ...common,
    type: "f",
    size: 5000,
    sameAs: undefined,
    device: undefined,
    hasHoles: false,
  };
  assert.deepEqual(file, { ...expected, attributes: mark });
  assert.deepEqual([tree.folder1!.type, tree.folder1!.mode, tree.folder1!.attributes], ["d", "4755", mark]);
  assert.deepEqual([tree.holes2!.hasHoles, tree.symlink3!.leadsTo, tree.hardlink4!.sameAs], [true, "nowhere", "file0"]);
  assert.deepEqual([tree.fifo5!.type, tree["character-device6"]!.device, tree["block-device7"]!.device], ["p", "1:3", "7:200"]);
});

/** A change after which one field, and no other but the time of change, must be another one. */
const changes: readonly (readonly [keyof FileRecord, path: string, script: string])[] = [
  ["sha256", "file0", "printf X | dd of=file0 bs=1 conv=notrunc status=none"],
  ["size", "file0", "truncate -s 5001 file0"],
  ["mode", "folder1", "chmod 0700 folder1"],
  ["owner", "fifo5", "chown 34 fifo5"],
  ["group", "symlink3", "chgrp -h 45 symlink3"],
  ["modified", "symlink3", "touch -h -d @1000000000.123456788 symlink3"],
  ["leadsTo", "symlink3", "ln -sfn elsewhere symlink3"],
  ["hasHoles", "holes2", "cat holes2 >full; cat full >holes2; rm full"],
  ["sameAs", "hardlink4", "cp --preserve=all hardlink4 copy; mv copy hardlink4"],
  ["device", "block-device7", "rm block-device7; mknod block-device7 b 7 201"],
  ["type", "block-device7", "rm block-device7; mknod block-device7 c 7 201"],
  ["attributes", "folder1", `python3 -c 'import os; os.setxattr("folder1", "user.mark", b"other")'`],
];

for (const [field, path, script] of changes) {
  test(`a tree's record shows a change of ${field}`, async () => {
    const was = (await readTree(host, folder))[path]!;
    await execa("sh", ["-euc", script], { cwd: folder });
    assert.notDeepEqual((await readTree(host, folder))[path]![field], was[field]);
  });
}
