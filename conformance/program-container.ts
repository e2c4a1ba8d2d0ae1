import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RuncContainer } from "../src/resume/testing/runc-container.ts";
import type { ConformanceProgram } from "./catalogue.ts";

const folders = ["c", "dev", "proc", "sys", "tmp"];

/** How a program's container is configured, wherever it runs. */
export function bundleOptions({ capabilities }: ConformanceProgram) {
  return { arguments: ["/program"], capabilities, hostPrograms: false };
}

/** A container of a program that has not started yet; its root holds nothing but the program. */
export async function createProgramContainer(
  program: ConformanceProgram,
  executable: string,
  networkNamespace: string,
): Promise<RuncContainer> {
  const container = await RuncContainer.create({ ...bundleOptions(program), networkNamespace, emptyRoot: true });
  for (const folder of folders) await mkdir(join(container.root, folder), { recursive: true, mode: 0o777 });
  await cp(executable, join(container.root, "program"));
  return container;
}

/** What the program has written of itself: nothing while all is well. */
export async function readLines(root: string): Promise<string[]> {
  const text = await readFile(join(root, "c/lines"), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

/** Tells the program that it has been moved. */
export async function letVerify(root: string): Promise<void> {
  await writeFile(join(root, "c/go"), "");
}
