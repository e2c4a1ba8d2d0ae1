import { createWriteStream } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { describeFiles, type Manifest, manifestName } from "../../checkpoint/manifest.ts";
import { packUpper, upperDirectory } from "../../engine/docker/upper.ts";
import { writeResumeFolder } from "../../engine/resume-runtime/resume-folder.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import type { Move } from "../move.ts";
import { toolVersion } from "../version.ts";
import { containerName, imageDirectory } from "./dump.ts";

export const upperArchive = "upper.tar";

export function packageDirectory({ workDirectory }: Move): string {
  return join(workDirectory, "package");
}

/** Puts together all that the target needs, with a manifest of SHA-256 sums. The pages stay CRIU's own file. */
export async function makePackage(move: Move): Promise<{ manifest: Manifest; outcome: string }> {
  const { container, source, signal } = move;
  const compiled = move.compiled!;
  const directory = packageDirectory(move);
  await rm(directory, { recursive: true, force: true });
  await writeResumeFolder(directory, {
    compiled,
    imageDirectory: imageDirectory(move),
    containerId: move.targetContainerId!,
    timeNamespace: needsTimeNamespace(move),
    emulator: move.execution.start,
  });
  const upper = await upperDirectory(source.engine, container.Id);
  await pipeline(packUpper(source.host, upper, signal), createWriteStream(join(directory, upperArchive), { mode: 0o600 }));
  const files = await describeFiles(directory, (bytes) => move.progress("package", bytes, undefined), signal);
  const manifest: Manifest = {
    format: 1,
    tool: toolVersion,
    created: new Date().toISOString(),
    source: {
      container: containerName(move),
      containerId: container.Id,
      image: container.Image,
      architecture: move.subject.hostFacts.architecture,
      kernel: move.subject.hostFacts.kernelRelease,
    },
    files,
  };
  await writeFile(join(directory, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
  move.memoryBytes = files.reduce((sum, { name, size }) => sum + (compiled.dataFiles.includes(name) ? size : 0), 0);
  return { manifest, outcome: `${count(files.length, "file")}, ${formatBytes(files.reduce((sum, { size }) => sum + size, 0))}` };
}

/** Whether the container can be given the source's clocks. Where it can't, `examine` has said what that means. */
function needsTimeNamespace({ targetFacts, runtime }: Move): boolean {
  return targetFacts.timeNamespaces && runtime.timeNamespaces;
}
