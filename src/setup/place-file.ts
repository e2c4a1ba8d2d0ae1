import type { Readable } from "node:stream";
import type { Host } from "../host/host.ts";

export interface PlacedFile {
  readonly path: string;
  readonly mode: "644" | "755";
  readonly content: string | Readable;
  readonly signal?: AbortSignal | undefined;
}

/** Writes a file of a machine, which then lies whole or not at all. @throws MigrationError `command-failed`, `cancelled` */
export async function placeFile(host: Host, { path, mode, content, signal }: PlacedFile): Promise<void> {
  const script = 'umask 077; mkdir -p "$(dirname "$1")"; cat >"$1.new"; chmod "$2" "$1.new"; mv -f "$1.new" "$1"';
  await host.script(script, [path, mode], { input: content, signal });
}
