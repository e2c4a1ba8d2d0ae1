/** A process that compiles the image folders that it is told of, so that one which does not end or eats memory harms nobody. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { MigrationError } from "../../errors.ts";
import { containerFileReader } from "../../migration/container-files.ts";
import { compileResume } from "../compile.ts";
import { qemuUser } from "../emulators/qemu-user.ts";
import { emulatedTarget } from "../target.ts";
import type { CompileAnswer, CompileRequest } from "./compile-apart.ts";
import { fewerFeatures, sameCpu } from "./targets.ts";

const targets = { same: sameCpu, fewer: fewerFeatures, emulated: emulatedTarget(qemuUser(undefined)) } as const;
/** The containers of the tests show this machine's programs. */
const readFile = containerFileReader(process.pid);

process.on("message", async ({ directory, target }: CompileRequest) => {
  const outcome = await compile(directory, target).catch((error: unknown) => ({
    code: error instanceof MigrationError ? error.code : undefined,
    message: error instanceof MigrationError ? error.message : String(error instanceof Error ? error.stack : error),
  }));
  const answer: CompileAnswer = { ...outcome, peakBytes: process.resourceUsage().maxRSS * 1024 };
  process.send!(answer);
});

async function compile(directory: string, target: keyof typeof targets): Promise<Pick<CompileAnswer, "elfBytes">> {
  using images = await openCheckpoint(directory);
  const engineStdio = JSON.parse(readFileSync(join(directory, "descriptors.json"), "utf8")) as string[];
  return { elfBytes: compileResume({ images, engineStdio, readFile, target: targets[target] }).elf.length };
}
