import { access, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { BundleArchitecture } from "./bundle.ts";
import { packageMirrors } from "./debian-mirror.ts";
import { setupError } from "./setup-error.ts";

/** Debian's own keys, so that no third party's key on the machine can sign these packages. Without the file apt's own set holds. */
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

export interface DownloadOptions {
  readonly architecture: BundleArchitecture;
  /** The release of Debian: `sid`. */
  readonly suite: string;
  readonly packageNames: readonly string[];
  /** What it is for, in messages: `CRIU and its libraries`. */
  readonly what: string;
  /** An empty folder for apt's state and the packages. */
  readonly state: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
}

/**
 * Has apt resolve, verify and download packages with all that they depend on, down to the C library, as if on an empty
 * system. The system's packages and package lists are neither read nor changed.
 * @returns the paths of the packages
 * @throws MigrationError `setup-failed`, `cancelled`
 */
export async function downloadPackages(host: Host, options: DownloadOptions): Promise<readonly string[]> {
  const { state, suite, packageNames, what, signal, onProgress } = options;
  await mkdir(join(state, "lists", "partial"), { recursive: true });
  await mkdir(join(state, "debs", "partial"), { recursive: true });
  await writeFile(join(state, "status"), "");
  let failure: unknown;
  for (const mirror of await packageMirrors(host, state, signal)) {
    try {
      await writeSource(state, mirror, suite);
      onProgress(`reading the package list of Debian ${suite}`);
      await host.must([...aptGet(options), "update"], { signal });
      onProgress(`downloading ${what}`);
      await host.must([...aptGet(options), "--no-install-recommends", "-y", "--download-only", "install", ...packageNames], {
        signal,
      });
      const names = await readdir(join(state, "debs"));
      return names.filter((name) => name.endsWith(".deb")).map((name) => join(state, "debs", name));
    } catch (cause) {
      if (cause instanceof MigrationError && cause.code === "cancelled") {
        throw cause;
      }
      failure ??= cause;
    }
  }
  throw setupError(
    "Debian's packages can't be had",
    "See that this machine reaches its Debian mirror (`apt-get update`), then run `migrate-container setup` again.",
    failure,
    what,
  );
}

async function writeSource(state: string, mirror: string, suite: string): Promise<void> {
  const hasKeyring = await access(keyring).then(
    () => true,
    () => false,
  );
  const options = hasKeyring ? `[signed-by=${keyring}] ` : "";
  await writeFile(join(state, "sources.list"), `deb ${options}${mirror} ${suite} main\n`);
}

function aptGet({ state, architecture }: DownloadOptions): string[] {
  const settings = {
    "APT::Architecture": architecture,
    "APT::Architectures": architecture,
    "APT::Update::Error-Mode": "any",
    "Acquire::Languages": "none",
    "Acquire::Retries": "3",
    "Dir::Etc::SourceList": join(state, "sources.list"),
    "Dir::Etc::SourceParts": "/dev/null",
    // Pins of the system (a release that must not come in) do not concern a folder of its own.
    "Dir::Etc::Preferences": "/dev/null",
    "Dir::Etc::PreferencesParts": "/dev/null",
    "Dir::State::Lists": join(state, "lists"),
    "Dir::State::Extended_States": join(state, "extended"),
    // An empty file and not /dev/null: apt puts its lock beside it.
    "Dir::State::Status": join(state, "status"),
    "Dir::Cache::Archives": join(state, "debs"),
    "Dir::Cache::pkgcache": "",
    "Dir::Cache::srcpkgcache": "",
    "Dir::Log": state,
    // Packages must stay where they were downloaded to, whatever the system's clean-up hooks say.
    "APT::Keep-Downloaded-Packages": "true",
  };
  return ["apt-get", "-q", ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}
