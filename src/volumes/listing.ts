import { buffer } from "node:stream/consumers";
import type { Host } from "../host/host.ts";

/** One file, folder or link, as find(1) prints it. */
export interface Entry {
  /** `f`, `d`, `l`, `p`, `s`, `c`, `b`. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** When its content or attributes were changed last (ctime), in seconds with their decimals. */
  readonly changed: string;
  /** The same of its content alone (mtime). */
  readonly modified: string;
  /** Octal. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly inode: string;
  /** How many names it has. */
  readonly names: number;
  /** Where a symbolic link leads. */
  readonly leadsTo: string;
}

/** All of a folder, by paths below it; the folder itself is the empty path. */
export interface Listing {
  /** The machine's time right before, in seconds. */
  readonly at: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

const fields = ["%P", "%y", "%s", "%C@", "%T@", "%m", "%U", "%G", "%i", "%n", "%l"] as const;

// Pages that a program has mapped and written are dirty once for many writes, and only the first one changes the times (Linux, filemap_page_mkwrite); written
// back, they are watched again. So what is written after this shows by the times.
// Where programs work, files vanish while they are listed.
const listScript = `cd -- "$1"
find --version 2>/dev/null | grep -q GNU || { echo "GNU find is needed: the find of this machine prints no times" >&2; exit 1; }
if [ "$2" = settle ]; then sync -f . 2>/dev/null || sync; fi
date +%s
find . -xdev -printf '${fields.join("\\0")}\\0' || [ "$2" = settle ]`;

/**
 * Lists a folder.
 * @param settle whether programs may be at work in it: what they have written is put on the disk before
 * @throws MigrationError `command-failed`, `target-unreachable`, `cancelled`
 */
export async function listFolder(
  host: Host,
  folder: string,
  { settle = false, signal }: { readonly settle?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<Listing> {
  const output = await buffer(host.stream(["sh", "-euc", listScript, "sh", folder, settle ? "settle" : ""], { signal }));
  const text = output.toString("latin1");
  const end = text.indexOf("\n");
  return { at: Number(text.slice(0, end)), entries: parseEntries(text.slice(end + 1)) };
}

function parseEntries(text: string): Map<string, Entry> {
  const words = text.split("\0");
  const entries = new Map<string, Entry>();
  for (let index = 0; index + fields.length < words.length; index += fields.length) {
    const [path, type, size, changed, modified, mode, owner, group, inode, names, leadsTo] = words.slice(
      index,
      index + fields.length,
    ) as [string, string, string, string, string, string, string, string, string, string, string];
    entries.set(path, { type, size: Number(size), changed, modified, mode, owner, group, inode, names: Number(names), leadsTo });
  }
  return entries;
}
