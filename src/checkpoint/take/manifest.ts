import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { plainName } from "../../engine/docker/container-name.ts";
import type { ContainerRecord, DockerEngine, ImageRecord } from "../../engine/docker/engine.ts";
import { readHostFacts } from "../../host/facts.ts";
import { toolVersion } from "../../migration/version.ts";
import { type ArchivedExecutable, type ArchiveManifest, type ArchiveMember, archiveFormat } from "../archive/manifest.ts";

/** Sums files. @param file the file with a member's content */
export async function describeMembers(paths: readonly string[], file: (member: string) => string): Promise<ArchiveMember[]> {
  const members: ArchiveMember[] = [];
  for (const path of paths) {
    const hash = createHash("sha256");
    let size = 0;
    await pipeline(
      createReadStream(file(path), { highWaterMark: 1 << 20 }),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          size += chunk.length;
          yield chunk;
        }
      },
      hash,
    );
    members.push({ path, size, mode: 0o600, sha256: hash.digest("hex") });
  }
  return members;
}

export interface ManifestFacts {
  readonly engine: DockerEngine;
  readonly container: ContainerRecord;
  readonly image: ImageRecord;
  /** When it was frozen. */
  readonly date: Date;
  /** CLOCK_BOOTTIME then. */
  readonly boottimeNs: bigint;
  readonly executables: readonly ArchivedExecutable[];
  readonly semaphores: readonly string[];
  readonly members: readonly ArchiveMember[];
}

export async function buildManifest(facts: ManifestFacts): Promise<ArchiveManifest> {
  const { engine, container, image, date, boottimeNs, executables, semaphores, members } = facts;
  const [host, info] = await Promise.all([readHostFacts(engine.host), engine.info()]);
  return {
    format: archiveFormat,
    tool: toolVersion,
    created: date.toISOString(),
    source: {
      architecture: host.architecture,
      kernel: host.kernelRelease,
      cpuFlags: host.cpuFlags.toSorted(),
      engine: `docker ${info.version}`,
    },
    container: { id: container.Id, name: plainName(container.Name) },
    image: {
      id: image.Id,
      name: container.Config.Image,
      digests: image.RepoDigests ?? [],
      layers: image.RootFS.Layers ?? [],
    },
    clocks: { realtime: String(BigInt(date.getTime()) * 1_000_000n), boottime: String(boottimeNs) },
    executables,
    semaphores,
    members,
  };
}
