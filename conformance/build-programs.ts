import { createHash } from "node:crypto";
import { mkdir, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { cacheFolder } from "../lab/paths.ts";
import { type ConformanceProgram, programsFolder } from "./catalogue.ts";

const folder = join(cacheFolder, "..", "conformance");
/** Static, so that a container's root needs nothing else; its string functions are chosen by the CPU all the same (IRELATIVE). */
const flags = [
  "-static",
  "-D_GNU_SOURCE",
  "-O1",
  "-pthread",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-Wno-unused-function",
  "-Wno-clobbered",
];

/** Compiles a program, unless it is there already. @returns the path of the executable, outside the checkout */
export async function buildProgram({ name }: ConformanceProgram): Promise<string> {
  const source = join(programsFolder, `${name}.c`);
  const contents = await Promise.all([source, join(programsFolder, "conformance.h")].map((file) => readFile(file)));
  const hash = createHash("sha256").update(flags.join(" "));
  for (const content of contents) hash.update(content);
  const path = join(folder, `${name}-${hash.digest("hex").slice(0, 16)}`);
  const built = await readFile(path).catch(() => undefined);
  if (built !== undefined) return path;
  await mkdir(dirname(path), { recursive: true });
  const { failed, stderr } = await execa("gcc", [...flags, "-o", `${path}.partial`, source], { reject: false });
  if (failed) throw new Error(`${name}.c can't be compiled:\n${stderr}`);
  await rename(`${path}.partial`, path);
  return path;
}
