import { stat } from "node:fs/promises";
import { join } from "node:path";
import { manifestName, verifySums } from "../../checkpoint/manifest.ts";
import { unpackUpper, upperDirectory } from "../../engine/docker/upper.ts";
import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import { overLink } from "../../transfer/over-link.ts";
import { sendFiles } from "../../transfer/send-files.ts";
import { sumFiles } from "../../transfer/sums.ts";
import { type Arrival, willMake } from "../move.ts";
import { patienceOf } from "./link-patience.ts";
import { packageDirectory, upperArchive } from "./package.ts";

function incomingDirectory({ id }: Pick<Arrival, "id">): string {
  return `${targetPaths.incoming}/${id}`;
}

/** Sends the package; after a broken link it goes on where it stopped. */
export async function send(move: Arrival): Promise<string> {
  const { target, manifest, codec } = move;
  await willMake(move, { object: "folder", path: incomingDirectory(move) });
  const directory = packageDirectory(move);
  const { size: manifestBytes } = await stat(join(directory, manifestName));
  const files = [{ name: manifestName, size: manifestBytes }, ...manifest!.files];
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const destination = { host: target.host, directory: incomingDirectory(move) };
  const sent = await sendFiles(directory, files, destination, {
    ...patienceOf(move, target.host),
    codec,
    isNew: true,
    bytesPerSecond: move.options.transfer.bytesPerSecond,
    onBytes: (done) => move.progress("send", done, total),
  });
  move.bytesSent += sent;
  return codec?.decoder === undefined ? formatBytes(sent) : `${formatBytes(total)} as ${formatBytes(sent)} (${codec.name})`;
}

/** Has the target compute the sums of what arrived. */
export async function verify(move: Arrival): Promise<string> {
  const { target, signal } = move;
  const manifest = move.manifest!;
  const names = manifest.files.map(({ name }) => name);
  const sums = await overLink(target.host, patienceOf(move, target.host), () =>
    sumFiles(target.host, incomingDirectory(move), names, signal),
  );
  verifySums(manifest, sums, target.host.name);
  return `the SHA-256 sums of ${count(manifest.files.length, "file")} agree`;
}

/** Gives the container its writable layer. */
export async function apply(move: Arrival): Promise<string> {
  const { target, signal } = move;
  if (!target.engine.hasImages) return "it has none";
  const upper = await upperDirectory(target.engine, move.targetContainerId!);
  const archive = `${incomingDirectory(move)}/${upperArchive}`;
  await unpackUpper(target.host, upper, archive, { signal });
  await target.host.must(["rm", archive], { signal });
  return "writable layer in place";
}

/** As `apply`, and puts the dump where the container's first start finds it. */
export async function applyPending(move: Arrival): Promise<string> {
  const { target, signal } = move;
  const outcome = await apply(move);
  await target.host.script(
    'from=$1 pending=$2; : > "$from/status"; [ ! -e "$from/resume" ] || chmod 700 "$from/resume"; mkdir -p "$(dirname "$pending")"; mv "$from" "$pending"',
    [incomingDirectory(move), `${targetPaths.pending}/${move.targetContainerId}`],
    { signal },
  );
  return outcome;
}
