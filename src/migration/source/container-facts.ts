import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { mappedFiles } from "../../checkpoint/take/executables.ts";
import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { isLocal, openLocalHost } from "../../host/local.ts";
import type { ReadContainerFile } from "../../resume/cpu/modules.ts";
import { containerFileReader, rootFileReader } from "../container-files.ts";
import type { Move } from "../move.ts";

// Only what is there; a name that begins with `-` can't be, since all are below a folder.
const packScript = `cd "/proc/$1/root" && tar --create --file=- --no-recursion --ignore-failed-read --null --verbatim-files-from --files-from=- 2>/dev/null`;

/**
 * Reads the executables and libraries that the dumped processes have mapped; those of another machine are fetched first.
 * @throws MigrationError `command-failed`, `target-unreachable`, `cancelled`
 */
export async function readerOfMappedFiles(move: Move, images: CheckpointImages): Promise<ReadContainerFile> {
  const { source, container, workDirectory, signal } = move;
  const { Pid: pid } = container.State;
  if (isLocal(source.host.name)) return containerFileReader(pid);
  const folder = join(workDirectory, "files");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  if (!needsFiles(move)) return rootFileReader(folder);
  await using here = openLocalHost();
  const names = mappedFiles(images).map((path) => `.${path}\0`);
  const packed = source.host.stream(["sh", "-c", packScript, "sh", String(pid)], { input: names.join(""), signal });
  await here.must(["tar", "--extract", "--file=-", "--no-same-owner", "--no-same-permissions", "--directory", folder], {
    input: packed,
    signal,
  });
  return rootFileReader(folder);
}

/** Only what is chosen anew, and where threads of a CPU with SVE stand, is read in them. */
function needsFiles({ execution, subject }: Move): boolean {
  return execution?.redispatch === true || subject.hostFacts.cpuFlags.includes("sve");
}
