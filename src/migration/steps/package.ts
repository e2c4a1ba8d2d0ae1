import { createWriteStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { describeFiles, type Manifest, manifestName } from "../../checkpoint/manifest.ts";
import { packUpper, upperDirectory } from "../../engine/docker/upper.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import { type Arrival, containerName, type Move } from "../move.ts";
import { toolVersion } from "../version.ts";

export const upperArchive = "upper.tar";

export function packageDirectory({ workDirectory }: Arrival): string {
  return join(workDirectory, "package");
}

export interface PackageContents {
  /** Puts in what the strategy needs beside the writable layer. @returns the names of the files that hold memory */
  fill?(move: Move, directory: string): Promise<readonly string[]>;
  /** Paths in the writable layer that are left out. */
  leaveOut?(move: Move, upperDirectory: string): Promise<readonly string[]>;
}

/** Puts together all that the target needs, with a manifest of SHA-256 sums. The pages stay CRIU's own file. */
export async function makePackage(move: Move, { fill, leaveOut }: PackageContents): Promise<string> {
  const { container, source, signal } = move;
  const directory = packageDirectory(move);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  const memoryFiles = (await fill?.(move, directory)) ?? [];
  if (source.engine.hasImages) {
    const upper = await upperDirectory(source.engine, container.Id);
    const excluded = (await leaveOut?.(move, upper)) ?? [];
    await pipeline(
      packUpper(source.host, upper, { signal, excluded }),
      createWriteStream(join(directory, upperArchive), { mode: 0o600 }),
    );
  }
  return await describePackage(move, directory, memoryFiles);
}

/** Writes the manifest of what is in the package. @param memoryFiles names of the files that hold memory */
export async function describePackage(move: Arrival, directory: string, memoryFiles: readonly string[]): Promise<string> {
  const { container, signal } = move;
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
  move.fileBytes += files.find(({ name }) => name === upperArchive)?.size ?? 0;
  move.memoryBytes = files.reduce((sum, { name, size }) => sum + (memoryFiles.includes(name) ? size : 0), 0);
  move.manifest = manifest;
  return `${count(files.length, "file")}, ${formatBytes(files.reduce((sum, { size }) => sum + size, 0))}`;
}
