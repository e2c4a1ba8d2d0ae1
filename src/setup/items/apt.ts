import type { MendContext } from "../item.ts";

/**
 * Installs packages from the machine's own sources. An index that is too old or missing is read anew.
 * @throws MigrationError `command-failed`
 */
export async function aptInstall({ host, signal, onProgress }: MendContext, packages: readonly string[]): Promise<void> {
  onProgress(`installing ${packages.join(", ")} with apt`);
  await host.script(
    'apt-get -q -y --no-install-recommends install "$@" >&2 || { apt-get -q update >&2; apt-get -q -y --no-install-recommends install "$@" >&2; }',
    packages,
    { signal, environment: { DEBIAN_FRONTEND: "noninteractive" } },
  );
}
