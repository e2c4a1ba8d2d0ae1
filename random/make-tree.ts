import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { ChangeSpec, FileSpec } from "./tree-spec.ts";

const program = fileURLToPath(new URL("make-tree.py", import.meta.url));

export interface TreeToMake {
  readonly files: readonly FileSpec[];
  /** What is done before to files of the image. Default: nothing. */
  readonly changes?: readonly ChangeSpec[];
  /** Whether the folder itself gets an owner, a mode and a time, too. Default: no. */
  readonly root?: boolean;
}

/** Makes files in a folder of this machine. @throws Error when one can't be made */
export async function makeTree(folder: string, { files, changes = [], root = false }: TreeToMake): Promise<void> {
  await execa("python3", [program, folder], { input: JSON.stringify({ files, changes, root }) });
}
