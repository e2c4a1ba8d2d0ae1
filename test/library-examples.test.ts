import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "examples-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** What the compiler says of modules that import the library by its name. */
async function compilerOf(modules: Readonly<Record<string, string>>): Promise<string> {
  const project = await mkdtemp(join(folder, "project-"));
  const configuration = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      paths: { "migrate-container": [join(root, "src/index.ts")] },
      typeRoots: [join(root, "node_modules/@types")],
      // As in a user's module; the sources themselves are checked elsewhere.
      noUnusedLocals: false,
    },
    include: ["*.ts"],
  };
  await writeFile(join(project, "package.json"), '{"type": "module"}');
  await writeFile(join(project, "tsconfig.json"), JSON.stringify(configuration));
  for (const [name, text] of Object.entries(modules)) await writeFile(join(project, name), text);
  const { all } = await execa(join(root, "node_modules/.bin/tsc"), ["--project", project], { reject: false, all: true });
  return all;
}

async function examples(): Promise<string[]> {
  const document = await readFile(join(root, "docs/library.md"), "utf8");
  return [...document.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text ?? "");
}

test("docs/library.md: every example compiles", async () => {
  const modules = Object.fromEntries((await examples()).map((text, index) => [`example-${index}.ts`, text]));
  assert.ok(Object.keys(modules).length >= 5);
  assert.equal(await compilerOf(modules), "");
});

test("docs/library.md: an example that were wrong would be noticed", async () => {
  const [first = ""] = await examples();
  const wrong = first.replace("outcome.figures.downtimeMs", "outcome.downtime");
  assert.notEqual(wrong, first);
  assert.match(await compilerOf({ "wrong.ts": wrong }), /wrong\.ts.*'downtime' does not exist/);
});

test("docs/library.md names every step of work on a checkpoint", async () => {
  const document = await readFile(join(root, "docs/library.md"), "utf8");
  const source = await readFile(join(root, "src/checkpoint/take/events.ts"), "utf8");
  const union = /type CheckpointStep =([^;]*);/.exec(source)?.[1] ?? "";
  const steps = [...union.matchAll(/"([a-z-]+)"/g)].map(([, step]) => step);
  assert.ok(steps.length >= 10, union);
  const paragraph = document.split("The steps are")[1]?.split("\n\n")[0] ?? "";
  for (const step of steps) assert.ok(paragraph.includes(`\`${step}\``), String(step));
});

test("docs/library.md names every event and every way a move can end", async () => {
  const document = await readFile(join(root, "docs/library.md"), "utf8");
  const sources = await Promise.all(["events", "result"].map((name) => readFile(join(root, `src/migration/${name}.ts`), "utf8")));
  const [events = "", result = ""] = sources;
  const names = [
    ...[...events.matchAll(/readonly type: "([a-z-]+)"/g)].map(([, name]) => name),
    ...[...result.matchAll(/\{ readonly status: "([a-z-]+)"/g)].map(([, name]) => name),
  ];
  assert.ok(names.length >= 12, names.join());
  for (const name of names) assert.ok(document.includes(`\`${name}\``), String(name));
});
