import { access, constants } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import { MigrationError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { openLocalHost } from "../../host/local.ts";
import { defaultBundleDirectory, ownArchitecture, programOf } from "./bundle.ts";
import { isRecentEnough, parseCriuVersion } from "./version.ts";

export interface Criu {
  /** To be put first in PATH for programs that look for `criu` there (runc, dockerd). */
  readonly binDirectory: string;
  readonly program: string;
  /** `4.2.1` */
  readonly version: string;
  /** Whether it is a bundle with all its libraries, which runs on any machine of its architecture, and not the system's. */
  readonly bundled: boolean;
}

export interface FindCriuOptions {
  /** Where the bundle is. Default: where `installCriuBundle` puts it. */
  readonly directory?: string | undefined;
  /** An absolute path: only this program will do. Default: the bundle's, then those in PATH. */
  readonly program?: string | undefined;
}

/**
 * A CRIU on this machine that is recent enough (4.2): the bundle, then one in PATH. Each is run to see that it works.
 * @returns undefined when there is none
 */
export async function findCriu({ directory, program: only }: FindCriuOptions = {}): Promise<Criu | undefined> {
  await using host = openLocalHost();
  const architecture = ownArchitecture();
  const bundle = directory ?? (architecture === undefined ? undefined : defaultBundleDirectory(architecture));
  const programs = only === undefined ? [...(bundle === undefined ? [] : [programOf(bundle)]), ...programsInPath()] : [only];
  for (const program of programs) {
    const version = await workingVersion(host, program);
    // Runtimes look for a program of this name.
    if (version !== undefined && isRecentEnough(version) && basename(program) === "criu") {
      return { binDirectory: dirname(program), program, version, bundled: bundle !== undefined && program === programOf(bundle) };
    }
  }
  return undefined;
}

/**
 * As `findCriu`.
 * @throws MigrationError `criu-missing`
 */
export async function requireCriu(options: FindCriuOptions = {}): Promise<Criu> {
  const criu = await findCriu(options);
  if (criu === undefined) {
    if (options.program !== undefined) throw notUsable(options.program);
    throw new MigrationError("criu-missing", "there is no working CRIU 4.2 or later on this machine", {
      host: "local",
      remedy: "Run `migrate-container setup`.",
    });
  }
  return criu;
}

function notUsable(program: string): MigrationError {
  return new MigrationError("criu-missing", `${program} is no working CRIU 4.2 or later with the name \`criu\``, {
    host: "local",
    remedy: "Correct `criu_binary` in the configuration, or take it out to use the one of `migrate-container setup`.",
    details: { program },
  });
}

/** The version that a program tells of itself; undefined when it does not run. */
export async function workingVersion(host: Host, program: string): Promise<string | undefined> {
  const isThere = await access(program, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    return undefined;
  }
  const { exitCode, stdout } = await host.run([program, "--version"], { timeoutMs: 10_000 });
  return exitCode === 0 ? parseCriuVersion(stdout) : undefined;
}

function programsInPath(): string[] {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, "criu"));
}
