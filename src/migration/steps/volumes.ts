import type { MountFacts } from "../../compatibility/reading/mounts.ts";
import { bundleFolder } from "../../engine/bundle/record.ts";
import { isAnonymous } from "../../engine/docker/volume-names.ts";
import { MigrationError } from "../../errors.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import { copyTheRest, copyWhileRunning, type FirstPass } from "../../volumes/copy-folder.ts";
import type { Folder } from "../../volumes/folder.ts";
import { type Arrival, type Move, willMake } from "../move.ts";
import { withLinks } from "./link-patience.ts";
import { copyLogs, syncLogs } from "./logs.ts";

/** Makes the named volumes and the folders of bind mounts that the container will have on the target. */
export async function makeMounts(move: Arrival): Promise<void> {
  const { container, target, subject } = move;
  const { mounts = [] } = subject;
  for (const { Type: type, Name: name } of container.Mounts) {
    if (type !== "volume" || name === undefined) continue;
    const known = mounts.find((mount) => mount.name === name);
    if (await target.engine.hasVolume(name)) {
      // What is copied into it would take the place of what is in it.
      if (known !== undefined) throw conflict(target.host.name, `there is a volume ${name}`);
      continue;
    }
    await willMake(move, { object: "volume", name });
    if (known !== undefined && !isAnonymous(name)) await target.engine.createVolume(name, known.labels);
  }
  for (const { type, there, isThere } of mounts) if (type === "bind" && !isThere) await makeFolder(move, there);
}

async function makeFolder(move: Arrival, path: string): Promise<void> {
  const { target, signal } = move;
  await willMake(move, { object: "bind", path, filled: false });
  const made = await target.host.run(["sh", "-euc", 'mkdir -p "$(dirname "$1")"; exec mkdir -m 0700 "$1"', "sh", path], {
    signal,
  });
  if (made.exitCode !== 0) throw conflict(target.host.name, `the folder ${path} could not be made: ${made.stderr.trim()}`);
  await willMake(move, { object: "bind", path, filled: true });
}

function conflict(host: string, what: string): MigrationError {
  return new MigrationError("target-conflict", what, {
    host,
    remedy: "Remove what is there, or leave volumes and mounts out with `--no-preserve-volumes`.",
  });
}

/** Copies what is in volumes and bind mounts, and the logs, while the container runs, so that only changes are left for the time in which it stands still. */
export async function copyVolumes(move: Move): Promise<string> {
  const passes = new Map<string, FirstPass>();
  for (const { mount, from, to } of await pairsOf(move)) {
    const pass = await withLinks(move, "copy-volumes", (options) => copyWhileRunning(from, to, options));
    passes.set(mount.destination, pass);
  }
  move.volumes = passes;
  return described([describe(move, [...passes.values()]), await copyLogs(move)]);
}

/** Copies what was changed in them since, and what the container has said, and looks whether they are as they were at the freeze. */
export async function syncVolumes(move: Move): Promise<string> {
  const passes = [];
  for (const { mount, from, to } of await pairsOf(move)) {
    const first = move.volumes!.get(mount.destination)!;
    passes.push(await withLinks(move, "sync-volumes", (options) => copyTheRest(from, to, first, options)));
  }
  const files = passes.reduce((sum, pass) => sum + pass.files, 0);
  const volumes = describe(move, passes);
  return described([volumes && `${volumes}, ${count(files, "file")}`, await syncLogs(move)]);
}

function described(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("; ") || "it has none";
}

function describe(move: Move, passes: readonly { readonly bytesSent: number }[]): string {
  if (passes.length === 0) return "";
  const bytes = passes.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  move.bytesSent += bytes;
  move.fileBytes += bytes;
  return `${count(passes.length, "volume")}, ${formatBytes(bytes)}`;
}

interface Pair {
  readonly mount: MountFacts;
  readonly from: Folder;
  readonly to: Folder;
}

/** Where each mount of the source is, and where that of the container on the target. */
async function pairsOf({ source, target, subject, targetContainerId }: Move): Promise<Pair[]> {
  const mounts = (subject.mounts ?? []).filter(({ isThere, destination }) => !isThere && destination !== bundleFolder);
  if (mounts.length === 0) return [];
  const made = await target.engine.inspect(targetContainerId!);
  return mounts.map((mount) => {
    const path =
      mount.type === "bind" ? mount.there : made.Mounts.find(({ Destination: at }) => at === mount.destination)?.Source;
    if (path === undefined) {
      throw new MigrationError("engine-request-failed", `the container there has no volume at ${mount.destination}`, {
        host: target.host.name,
      });
    }
    return { mount, from: { host: source.host, path: mount.source }, to: { host: target.host, path } };
  });
}
