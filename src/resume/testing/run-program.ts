import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeElf } from "../elf/writer.ts";
import { Program } from "../machine-code/program.ts";
import { x86InstructionSet } from "../machine-code/x86_64/instruction-set.ts";
import { emitLoader, loaderSize } from "../start/loader.ts";

/** Where `runProgram` loads programs. */
export const testLayout = { loader: 0x1000_0000n, program: 0x2000_0000n } as const;

export interface ProgramOutcome {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly output: Buffer;
}

/** Links and runs a program, whose status descriptor is its standard output, on this machine. */
export function runProgram(build: (program: Program) => void): ProgramOutcome {
  const program = new Program(x86InstructionSet, 1);
  build(program);
  program.emitFailureRoutine();
  const { code, data, scratch } = program.sizes;
  const image = program.link(testLayout.program);
  const content = Buffer.concat([emitLoader(x86InstructionSet, testLayout, image.length, code + data + scratch), image]);
  const segment = { address: testLayout.loader, flags: 5, content, memorySize: BigInt(loaderSize + image.length) };
  const folder = mkdtempSync(join(tmpdir(), "program-"));
  try {
    writeFileSync(join(folder, "program"), writeElf(x86InstructionSet.elfMachine, testLayout.loader, [segment]), { mode: 0o755 });
    const { status, signal, stdout, error } = spawnSync(join(folder, "program"), ["an argument"], { timeout: 20_000 });
    if (error !== undefined) throw error;
    return { exitCode: status, signal, output: stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
