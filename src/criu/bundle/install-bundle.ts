import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Host } from "../../host/host.ts";
import { openLocalHost } from "../../host/local.ts";
import { downloadPackages } from "./apt-download.ts";
import {
  type BundleArchitecture,
  type BundleRecord,
  binDirectoryOf,
  defaultBundleDirectory,
  ownArchitecture,
  programOf,
  readBundleRecord,
} from "./bundle.ts";
import { workingVersion } from "./find-criu.ts";
import { installYourself, setupError } from "./setup-error.ts";
import { unpackBundle } from "./unpack.ts";
import { isRecentEnough } from "./version.ts";
import { bundledTools, libraryPackage } from "./wrapper.ts";

export interface InstallCriuOptions {
  /** Where the bundle is to lie; replaced as a whole. Default: `defaultBundleDirectory(architecture)`. */
  readonly directory?: string | undefined;
  /** Default: this machine's. A foreign one is for sending to a target; it isn't run here. */
  readonly architecture?: BundleArchitecture | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what is going on, as short phrases. */
  readonly onProgress?: ((message: string) => void) | undefined;
}

export interface CriuBundle {
  readonly directory: string;
  readonly binDirectory: string;
  readonly program: string;
  readonly version: string;
  readonly architecture: BundleArchitecture;
  /** False when a good bundle was there already. */
  readonly installed: boolean;
}

/** The one suite of Debian that always has the newest CRIU. */
const criuPackage = {
  suite: "sid",
  packageNames: ["criu", libraryPackage, ...bundledTools],
  what: "CRIU and its libraries",
} as const;

/** Leftovers of an installation that was killed are this old at least before the next one removes them. */
const leftoverAgeMs = 60 * 60 * 1000;

/**
 * Installs CRIU 4.2 or later with all its libraries into a folder of its own, from the Debian mirror that this machine's apt
 * uses. The system is not changed. The folder appears whole or not at all; a good one is left as it is.
 * @throws MigrationError `setup-failed`, `cancelled`
 */
export async function installCriuBundle(options: InstallCriuOptions = {}): Promise<CriuBundle> {
  const { architecture = ownArchitecture(), signal, onProgress = () => {} } = options;
  if (architecture === undefined) {
    throw setupError(`there is no bundle for ${process.arch}`, installYourself);
  }
  const directory = resolve(options.directory ?? defaultBundleDirectory(architecture));
  await using host = openLocalHost();
  const present = await goodBundle(host, directory, architecture);
  if (present !== undefined) {
    return describe(directory, present, false);
  }
  const temporary = await temporaryBeside(directory);
  try {
    const state = join(temporary, "apt");
    const bundle = join(temporary, "bundle");
    const packages = await downloadPackages(host, { ...criuPackage, architecture, state, signal, onProgress });
    onProgress(`unpacking ${packages.length} packages`);
    await unpackBundle(host, packages, bundle, architecture, signal);
    const made = await goodBundle(host, bundle, architecture);
    if (made === undefined) {
      throw setupError("what was unpacked doesn't run", installYourself);
    }
    await moveInto(host, bundle, directory, temporary, architecture);
    return describe(directory, made, true);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The record of a bundle that is complete, recent enough and, where it can run here, runs. */
async function goodBundle(host: Host, directory: string, architecture: BundleArchitecture): Promise<BundleRecord | undefined> {
  const record = await readBundleRecord(directory);
  const isWhole = [libraryPackage, ...bundledTools].every((tool) => record?.packages[tool] !== undefined);
  if (record?.architecture !== architecture || !isRecentEnough(record.version) || !isWhole) {
    return undefined;
  }
  const runsHere = architecture === ownArchitecture();
  return !runsHere || (await workingVersion(host, programOf(directory))) === record.version ? record : undefined;
}

async function temporaryBeside(directory: string): Promise<string> {
  const parent = dirname(directory);
  const prefix = `.${basename(directory)}-installing-`;
  try {
    await mkdir(parent, { recursive: true });
    for (const name of await readdir(parent)) {
      const path = join(parent, name);
      if (name.startsWith(prefix) && Date.now() - (await stat(path)).mtimeMs > leftoverAgeMs) {
        await rm(path, { recursive: true, force: true });
      }
    }
    return await mkdtemp(join(parent, prefix));
  } catch (cause) {
    throw setupError(`${parent} can't be written to`, "Name another folder, or set XDG_DATA_HOME.", cause);
  }
}

/** Another installation may have come first: then its bundle stays, as someone may be running it. */
async function moveInto(
  host: Host,
  bundle: string,
  directory: string,
  temporary: string,
  architecture: BundleArchitecture,
): Promise<void> {
  try {
    if ((await goodBundle(host, directory, architecture)) === undefined) {
      await rename(directory, join(temporary, "old")).catch(ignoreMissing);
      await rename(bundle, directory);
    }
  } catch (cause) {
    throw setupError(`${directory} can't be replaced`, "Remove it, then run `migrate-container setup` again.", cause);
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
    throw error;
  }
}

function describe(directory: string, { version, architecture }: BundleRecord, installed: boolean): CriuBundle {
  return { directory, binDirectory: binDirectoryOf(directory), program: programOf(directory), version, architecture, installed };
}
