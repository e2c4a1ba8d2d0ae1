import { access, constants } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
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
}

/**
 * A CRIU on this machine that is recent enough (4.2): the bundle, then one in PATH. Each is run to see that it works.
 * @returns undefined when there is none
 */
export async function findCriu({ directory }: FindCriuOptions = {}): Promise<Criu | undefined> {
  await using host = openLocalHost();
  const architecture = ownArchitecture();
  const bundle = directory ?? (architecture === undefined ? undefined : defaultBundleDirectory(architecture));
  const programs = [...(bundle === undefined ? [] : [programOf(bundle)]), ...programsInPath()];
  for (const program of programs) {
    const version = await workingVersion(host, program);
    if (version !== undefined && isRecentEnough(version)) {
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
    throw new MigrationError("criu-missing", "there is no working CRIU 4.2 or later on this machine", {
      host: "local",
      remedy: "Run `migrate-container setup`.",
    });
  }
  return criu;
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
