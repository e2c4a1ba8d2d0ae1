import { bundleArchive } from "../criu/bundle/bundle-archive.ts";
import type { Host } from "../host/host.ts";

export interface SendBundleOptions {
  /** CRIU's bundle on the other machine. */
  readonly bundle: string;
  /** Where it goes; replaced as a whole. */
  readonly destination: string;
  readonly signal?: AbortSignal | undefined;
}

// The parent is root's alone: it holds dumps, too.
const receive = `
umask 022
parent=\${1%/*}
[ -d "$parent" ] || { mkdir -p "$parent"; chmod 700 "$parent"; }
rm -rf "$1.new" "$1.old"
mkdir "$1.new"
tar -x -f - -C "$1.new" || { rm -rf "$1.new"; exit 1; }
if [ -e "$1" ]; then mv "$1" "$1.old"; fi
mv "$1.new" "$1"
rm -rf "$1.old"`;

/**
 * Brings a bundle to a machine of its architecture, where it then lies whole or not at all.
 * @throws MigrationError `command-failed`, `target-unreachable`, `cancelled`
 */
export async function sendBundle(host: Host, from: Host, { bundle, destination, signal }: SendBundleOptions): Promise<void> {
  await host.script(receive, [destination], { input: bundleArchive(from, bundle, signal), signal });
}
