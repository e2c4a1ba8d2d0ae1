import type { Gap } from "../target.ts";

/** A program that runs x86_64 programs on another CPU, as far as a resume depends on it. */
export interface Emulator {
  /** The kind: `qemu-user`. */
  readonly name: string;
  /** `7.2.22`; undefined when it does not tell. */
  readonly version: string | undefined;
  readonly lacks: ReadonlySet<Gap>;
  /** How it is started when binfmt_misc does not do it. */
  readonly start: EmulatorStart | undefined;
}

export interface EmulatorStart {
  /** The emulator on the target. Containers are shown this one file, so it must be a static program. */
  readonly path: string;
  /** Its command line, in which `{emulator}` and `{program}` stand for their paths. */
  readonly command: readonly string[];
}

/** The command line with which an emulator runs a program. */
export function commandLine(
  { command }: EmulatorStart,
  paths: { readonly emulator: string; readonly program: string },
): string[] {
  return command.map((word) => word.replace("{emulator}", paths.emulator).replace("{program}", paths.program));
}
