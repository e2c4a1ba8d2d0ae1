import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { downloadPackages } from "../criu/bundle/apt-download.ts";
import { type BundleArchitecture, defaultBundleDirectory } from "../criu/bundle/bundle.ts";
import { setupError } from "../criu/bundle/setup-error.ts";
import type { Host } from "../host/host.ts";
import { openLocalHost } from "../host/local.ts";

export interface FetchEmulatorOptions {
  /** Of the machine that it is for. */
  readonly architecture: BundleArchitecture;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (text: string) => void;
}

export interface FetchedEmulator {
  /** A static program, on this machine. */
  readonly path: string;
  /** Of the Debian package: `1:7.2+dfsg-7+deb12u18`. */
  readonly version: string;
}

/**
 * Debian 12's QEMU 7.2: later ones give programs memory above 2^47, which no x86_64 kernel does and which jemalloc (redis) does not
 * survive; see docs/support.md and docs/emulators.md.
 */
const emulatorPackage = { suite: "bookworm", packageNames: ["qemu-user-static"], what: "QEMU's user-mode emulator" } as const;

const member = "./usr/bin/qemu-x86_64-static";

/**
 * Fetches QEMU's emulator of x86_64 programs for another machine, from the Debian mirror that this machine's apt uses, with its
 * signatures checked. Of the package only that one program is kept, beside CRIU's bundles; it is fetched once.
 * @throws MigrationError `setup-failed`, `cancelled`
 */
export async function fetchEmulator({ architecture, signal, onProgress }: FetchEmulatorOptions): Promise<FetchedEmulator> {
  const folder = join(dirname(dirname(defaultBundleDirectory(architecture))), "emulator", architecture);
  const path = join(folder, "qemu-x86_64-static");
  const known = await readFile(join(folder, "version"), "utf8").catch(() => undefined);
  if (known !== undefined) return { path, version: known };
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const temporary = await mkdtemp(join(parent, ".fetching-"));
  try {
    await using host = openLocalHost();
    const files = await downloadPackages(host, { ...emulatorPackage, architecture, state: temporary, signal, onProgress });
    const version = await unpackProgram(host, files, temporary, signal);
    await rm(folder, { recursive: true, force: true });
    await rename(join(temporary, "program"), folder);
    return { path, version };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function unpackProgram(host: Host, files: readonly string[], temporary: string, signal?: AbortSignal): Promise<string> {
  const remedy = "Install qemu-user-static on the target yourself, or an emulator of another kind (docs/emulators.md).";
  const file = files.find((name) => name.includes("qemu-user-static"));
  try {
    if (file === undefined) throw new Error("the package is not among those that were downloaded");
    const program = join(temporary, "program");
    await mkdir(program);
    const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --strip-components=3 "$3"; [ -s "$2/qemu-x86_64-static" ]';
    await host.script(script, [file, program, member], { signal });
    const version = (await host.must(["dpkg-deb", "--field", file, "Version"], { signal })).trim();
    await writeFile(join(program, "version"), version);
    return version;
  } catch (cause) {
    throw setupError("its package can't be unpacked", remedy, cause, "QEMU's emulator");
  }
}
