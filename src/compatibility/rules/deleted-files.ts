import type { DeletedFile, LiveFacts } from "../live-facts.ts";
import { liveRule, type Rule } from "../rule.ts";
import { called, carried } from "./processes.ts";
import { listed, mebibytes } from "./words.ts";

/** CRIU's limit for one file that has no name any more, as `dumpConfiguration` sets it (ghost-limit). It counts data, not holes. */
export const ghostLimit = 16 * 2 ** 30;
/** What CRIU itself would take without that setting; below it nobody needs to know. */
const noteworthy = 2 ** 20;

/** Each file once, however often it is open. */
function filesOf(live: LiveFacts): { readonly file: DeletedFile; readonly name: string }[] {
  const processes = new Map(carried(live).map((process) => [process.pid, process]));
  const files = new Map(live.deletedFiles.map((file) => [file.id, file]));
  return [...files.values()].flatMap((file) => {
    const process = processes.get(file.pid);
    const target = process?.descriptors.find(({ number }) => number === file.descriptor)?.target ?? "";
    return process === undefined ? [] : [{ file, name: `${target}, open in ${called(process)}` }];
  });
}

/** Bytes of deleted files that a dump holds. */
export function deletedBytesOf(live: LiveFacts | undefined): number {
  return live === undefined ? 0 : filesOf(live).reduce((sum, { file }) => sum + file.dataBytes, 0);
}

const tooLarge = liveRule({
  name: "descriptor.deleted-file",
  severity: "blocker",
  why: "CRIU takes a file that was deleted while it is open into the dump, up to 16 GiB of data.",
  remedy: "Let the program close it.",
  see: (live) =>
    filesOf(live)
      .filter(({ file }) => file.dataBytes > ghostLimit)
      .map(({ file, name }) => `${name}, holds ${mebibytes(file.dataBytes)}`),
});

const large = liveRule({
  name: "descriptor.deleted-files",
  severity: "info",
  why: "Files that were deleted while they are open are carried with what is in them. They are copied while the container is frozen; holes in them cost nothing.",
  see(live) {
    const found = filesOf(live).filter(({ file }) => file.size > noteworthy && file.dataBytes <= ghostLimit);
    const shown = found.map(({ file, name }) => `${name} (${mebibytes(file.size)}, ${mebibytes(file.dataBytes)} without holes)`);
    return shown.length === 0 ? [] : [`large files without a name: ${listed(shown)}`];
  },
});

export const deletedFileRules: readonly Rule[] = [tooLarge, large];
