import { MigrationError } from "../errors.ts";
import { type SendEncodedOptions, sendEncoded } from "../transfer/send-encoded.ts";
import { type Difference, differenceOf } from "./compare.ts";
import { type Folder, packPaths, removePaths, sumPaths, unpackPaths } from "./folder.ts";
import { type Listing, listFolder } from "./listing.ts";

/** A folder as it was copied while programs worked in it. */
export interface FirstPass {
  readonly listing: Listing;
  /** Files whose content did not arrive as it was then: they were changed meanwhile, or damaged on the way. */
  readonly doubtful: ReadonlySet<string>;
  /** Bytes that went over the link. */
  readonly bytesSent: number;
}

export interface SecondPass {
  readonly files: number;
  readonly bytesSent: number;
}

/**
 * Makes a folder like another one in which programs may be at work: content, owners, modes, times, links, holes, extended attributes. Sockets
 * are left out: who listens makes them. What differs after it, a second pass finds.
 * @throws MigrationError `command-failed`, `target-unreachable`, `cancelled`
 */
export async function copyWhileRunning(from: Folder, to: Folder, options: SendEncodedOptions): Promise<FirstPass> {
  const { signal } = options;
  const listing = await listFolder(from.host, from.path, { settle: true, signal });
  const difference = differenceOf(listing, await listFolder(to.host, to.path, { signal }));
  const bytesSent = await carryOut(from, to, difference, { ...options, isLive: true });
  const files = filesOf(listing, [...listing.entries.keys()]);
  const [theirs, ours] = await Promise.all([sumPaths(from, files, signal), sumPaths(to, files, signal)]);
  return { listing, doubtful: new Set(files.filter((path) => theirs.get(path) !== ours.get(path))), bytesSent };
}

/**
 * Makes it the same, now that no program works in the original: copies what was changed since the first pass, and looks whether all is alike then.
 * @throws MigrationError `package-corrupt` that names what differs all the same; those of `copyWhileRunning`
 */
export async function copyTheRest(from: Folder, to: Folder, first: FirstPass, options: SendEncodedOptions): Promise<SecondPass> {
  const { signal } = options;
  const [now, there] = await Promise.all([
    listFolder(from.host, from.path, { signal }),
    listFolder(to.host, to.path, { signal }),
  ]);
  const { changed, removed } = differenceOf(now, there, first.listing);
  const again = [...first.doubtful].filter((path) => now.entries.has(path));
  const paths = [...new Set([...changed, ...again])].toSorted();
  const bytesSent = await carryOut(from, to, { changed: paths, removed }, { ...options, isLive: false });
  const files = filesOf(now, paths);
  const [theirs, ours, after] = await Promise.all([
    sumPaths(from, files, signal),
    sumPaths(to, files, signal),
    listFolder(to.host, to.path, { signal }),
  ]);
  const left = differenceOf(now, after);
  const wrong = [...files.filter((path) => theirs.get(path) !== ours.get(path)), ...left.changed, ...left.removed];
  if (wrong.length === 0) return { files: files.length, bytesSent };
  throw new MigrationError("package-corrupt", `${to.path} did not become as ${from.path} is: ${describe(wrong)}`, {
    host: to.host.name,
    remedy: "Look for a program on that machine that works in the folder, and at its disk and file system; then try again.",
    details: { wrong: wrong.slice(0, 100) },
  });
}

async function carryOut(
  from: Folder,
  to: Folder,
  { changed, removed }: Difference,
  options: SendEncodedOptions & { readonly isLive: boolean },
): Promise<number> {
  const { codec, isLive, signal } = options;
  await removePaths(to, removed, signal);
  if (changed.length === 0) return 0;
  const packed = packPaths(from, changed, isLive, signal);
  return await sendEncoded(packed, options, (input) => unpackPaths(to, input, codec.decoder, signal));
}

function filesOf({ entries }: Listing, paths: readonly string[]): string[] {
  return paths.filter((path) => entries.get(path)?.type === "f");
}

function describe(paths: readonly string[]): string {
  const some = [...new Set(paths)].slice(0, 5).map((path) => path || "the folder itself");
  return `${some.join(", ")}${paths.length > some.length ? ", …" : ""}`;
}
