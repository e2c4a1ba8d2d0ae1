import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { LabMachine } from "../../lab/machines.ts";

const criuSetup = fileURLToPath(new URL("../../bin/criu-setup", import.meta.url));

export interface SetupRun {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `criu-setup` on a lab machine, with nobody there to be asked. */
export async function runCriuSetup(machine: LabMachine, ...options: readonly string[]): Promise<SetupRun> {
  const { exitCode, stdout, stderr } = await execa(criuSetup, [machine.target, ...options], {
    reject: false,
    stdin: "ignore",
    env: { MIGRATE_CONTAINER_SSH_CONFIG: machine.sshConfig, LANG: "C.UTF-8" },
  });
  return { exitCode, stdout, stderr };
}

/** The line of a table that is about one thing, and the remedy below it. */
export function rowOf(table: string, title: string): { readonly line: string; readonly remedy: string } {
  const lines = table.split("\n");
  const at = lines.findIndex((line) => line.slice(4).startsWith(`${title}  `));
  if (at < 0) return { line: "", remedy: "" };
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => !line.startsWith("      "));
  return { line: lines[at]!, remedy: rest.slice(0, end < 0 ? undefined : end).join("\n") };
}
