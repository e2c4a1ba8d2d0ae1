import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { progress, runLogged } from "./command.ts";
import { withLock } from "./lock.ts";
import { cacheFolder, recipeFolder } from "./paths.ts";

/** What a recipe script makes, and from which of the lab's files. */
export interface Recipe {
  /** Also the name of the product in the cache. */
  readonly name: string;
  /** The script, called with `parameters` and then the path to write. */
  readonly script: string;
  readonly parameters: readonly string[];
  /** Other files of the recipe folder that change the product. */
  readonly files: readonly string[];
}

/** The key of a product: changes with any byte of the recipe's files and parameters. */
export function recipeKey(parameters: readonly string[], contents: readonly Uint8Array[]): string {
  const hash = createHash("sha256").update(JSON.stringify(parameters));
  for (const content of contents) hash.update(`\0${content.length}\0`).update(content);
  return hash.digest("hex").slice(0, 16);
}

/** The key that `recipe` has now, from the files of the recipe folder. */
export async function currentKey(recipe: Recipe): Promise<string> {
  const contents = await Promise.all([recipe.script, ...recipe.files].map((file) => readFile(join(recipeFolder, file))));
  return recipeKey(recipe.parameters, contents);
}

/**
 * The product of a recipe (a file or a folder), made when the cache has none of the
 * same key. It appears under its name only when complete.
 * @throws MigrationError `setup-failed`
 */
export async function buildOnce(recipe: Recipe): Promise<{ readonly path: string; readonly key: string }> {
  const key = await currentKey(recipe);
  const path = join(cacheFolder, `${recipe.name}-${key}`);
  if (await exists(path)) return { path, key };
  await mkdir(cacheFolder, { recursive: true });
  await withLock(join(cacheFolder, `${recipe.name}.lock`), async () => {
    if (await exists(path)) return;
    const partial = `${path}.partial`;
    await rm(partial, { recursive: true, force: true });
    progress(`building ${recipe.name}…`);
    const start = performance.now();
    await runLogged(
      "sh",
      [join(recipeFolder, recipe.script), ...recipe.parameters, partial],
      join(cacheFolder, `${recipe.name}.log`),
    );
    await rename(partial, path);
    await removeOlder(recipe.name, key);
    progress(`built ${recipe.name} in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  });
  return { path, key };
}

/** A running machine keeps what it has open, even when it is gone from the cache. */
async function removeOlder(name: string, key: string): Promise<void> {
  for (const file of await readdir(cacheFolder)) {
    const isProduct = file.startsWith(`${name}-`) && /^[0-9a-f]{16}$/.test(file.slice(name.length + 1));
    if (isProduct && file !== `${name}-${key}`) await rm(join(cacheFolder, file), { recursive: true });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
