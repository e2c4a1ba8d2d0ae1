import type { Host } from "../../host/host.ts";
import { resumeDirectory } from "../../resume/resume-directory.ts";
import type { LiveFacts } from "../live-facts.ts";
import type { ReadOptions } from "../subject.ts";
import { parseDeletedFiles } from "./deleted-files.ts";
import { liveScript } from "./live-script.ts";
import { memoryFilesOf } from "./memory-files.ts";
import { parseProcesses } from "./processes.ts";
import { linesOf, splitSections } from "./sections.ts";
import { parseSocketTables, socketsOf } from "./sockets.ts";
import { markOutsidePeers } from "./unix-peers.ts";

/**
 * Reads what the processes of a container do, in one round trip, or two when a UNIX socket may lead outside.
 * @param id the container's full id, where its cgroups have it; else empty
 * @param first the host's id of its first process
 * @throws MigrationError as `Host.script`
 */
export async function readLive(host: Host, id: string, first: number, { signal }: ReadOptions = {}): Promise<LiveFacts> {
  const marker = `@@${crypto.randomUUID()}`;
  const text = await host.script(liveScript, [marker, id, String(first)], { signal });
  const live = parseLive(text, marker, first);
  const peers = splitSections(text, marker)("unix-peers");
  return { ...live, sockets: await markOutsidePeers(host, live.sockets, peers, { signal }) };
}

export function parseLive(text: string, marker: string, first: number): LiveFacts {
  const section = splitSections(text, marker);
  const processes = parseProcesses(section, first);
  return {
    processes,
    sockets: socketsOf(processes, parseSocketTables(section("net"))),
    deletedFiles: parseDeletedFiles(section("deleted")),
    isResumed: section("mounts").includes(` ${resumeDirectory} `),
    memoryFiles: memoryFilesOf(section("memory-files"), section("mounts")),
    hostUserNamespace: linesOf(section("user"))[0] ?? "",
  };
}
