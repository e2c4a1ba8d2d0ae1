import type { Subject } from "../../compatibility/subject.ts";
import type { TargetFacts } from "../../compatibility/target-facts.ts";
import { findCriu } from "../../criu/bundle/find-criu.ts";
import type { ContainerRecord } from "../../engine/docker/engine.ts";
import type { EngineInfo } from "../../engine/docker/info.ts";
import type { Restorable } from "./restorable.ts";

/** What the rules can judge of a container that is in an archive. Of its machine only what the archive tells is known. */
export async function archivedSubject(
  archive: Restorable,
  container: ContainerRecord,
  { hostFacts: theirs }: TargetFacts,
  engine: EngineInfo,
): Promise<Subject> {
  const { source } = archive;
  const isSame = source.architecture === theirs.architecture;
  return {
    host: "local",
    container,
    image: archive.imageRecord,
    hostFacts: {
      architecture: source.architecture,
      kernelRelease: source.kernel,
      // The archive doesn't tell either; x86_64 has one page size only, and ARM64 machines mostly 48 bits.
      pageSize: isSame ? theirs.pageSize : 4096,
      addressBits: source.architecture === "aarch64" ? 48 : 47,
      holdsX86Addresses: true,
      uid: 0,
      cpuFlags: source.cpuFlags,
      memoryTotal: 0,
      memoryAvailable: 0,
      freeBytes: new Map(),
      emulators: [],
    },
    // So that nothing is said of differences that nobody knows of.
    engine,
    criu: await findCriu(),
    live: undefined,
    memoryBytes: archive.members
      .filter(({ path }) => /(?:^|\/)pages-[^/]*\.img$/.test(path))
      .reduce((sum, { size }) => sum + size, 0),
    writableBytes: archive.writableBytes,
    mounts: undefined,
    devices: undefined,
    networkMode: archive.record.HostConfig.NetworkMode,
    networks: undefined,
    bootId: "",
  };
}
