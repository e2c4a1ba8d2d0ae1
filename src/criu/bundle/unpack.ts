import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Host } from "../../host/host.ts";
import { type BundleArchitecture, type BundleRecord, programOf, recordOf } from "./bundle.ts";
import { setupError } from "./setup-error.ts";
import { isRecentEnough, parseCriuVersion } from "./version.ts";
import {
  bundledTools,
  layouts,
  runtimeLibraries,
  runtimeLibrariesFolder,
  toolScript,
  toolsFolder,
  wrapperScript,
} from "./wrapper.ts";

const remedy = "Free some disk space if it is full, then run `migrate-container setup` again.";

/**
 * Makes a bundle of packages in an empty folder.
 * @throws MigrationError `setup-failed`, `cancelled`
 */
export async function unpackBundle(
  host: Host,
  packages: readonly string[],
  bundle: string,
  architecture: BundleArchitecture,
  signal?: AbortSignal,
): Promise<BundleRecord> {
  const versions: Record<string, string> = {};
  try {
    await mkdir(join(bundle, "prefix"), { recursive: true });
    for (const file of packages) {
      const described = await host.must(["dpkg-deb", "--field", file, "Package", "Version"], { signal });
      const [, name = "", version = ""] = /^Package: (.+)\nVersion: (.+)$/m.exec(described) ?? [];
      versions[name] = version;
      await host.must(["dpkg-deb", "--extract", file, join(bundle, "prefix")], { signal });
    }
    await writeScript(programOf(bundle), wrapperScript(architecture));
    await linkLibraries(bundle, architecture);
    for (const tool of bundledTools) await writeScript(join(bundle, toolsFolder, tool), toolScript(architecture, tool));
  } catch (cause) {
    throw setupError("its packages can't be unpacked", remedy, cause);
  }
  // Debian's version may have an epoch before a colon.
  const version = parseCriuVersion(versions.criu?.replace(/^\d+:/, "") ?? "");
  if (version === undefined || !isRecentEnough(version)) {
    throw setupError(`the mirror has version ${version ?? "unknown"}, older than 4.2`, "Use a mirror that is up to date.");
  }
  const record: BundleRecord = { format: 1, version, architecture, packages: versions };
  await writeFile(recordOf(bundle), `${JSON.stringify(record, undefined, 2)}\n`);
  return record;
}

async function linkLibraries(bundle: string, architecture: BundleArchitecture): Promise<void> {
  await mkdir(join(bundle, runtimeLibrariesFolder));
  for (const library of runtimeLibraries) {
    await symlink(`../prefix/${layouts[architecture].libraries}/${library}`, join(bundle, runtimeLibrariesFolder, library));
  }
}

async function writeScript(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
}
