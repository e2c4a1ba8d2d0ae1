import { verifySums } from "../../checkpoint/manifest.ts";
import { sendPackage } from "../../checkpoint/send.ts";
import { unpackUpper, upperDirectory } from "../../engine/docker/upper.ts";
import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import { type Arrival, willMake } from "../move.ts";
import { packageDirectory, upperArchive } from "./package.ts";

function incomingDirectory({ id }: Pick<Arrival, "id">): string {
  return `${targetPaths.incoming}/${id}`;
}

/** Sends the package. */
export async function send(move: Arrival): Promise<string> {
  const { target, signal } = move;
  const manifest = move.manifest!;
  await willMake(move, { object: "folder", path: incomingDirectory(move) });
  const total = manifest.files.reduce((sum, { size }) => sum + size, 0);
  const bytes = await sendPackage(packageDirectory(move), manifest, target.host, incomingDirectory(move), {
    onBytes: (done) => move.progress("send", done, total),
    signal,
  });
  move.bytesSent += bytes;
  return formatBytes(bytes);
}

/** Has the target compute the sums of what arrived. */
export async function verify(move: Arrival): Promise<string> {
  const { target, signal } = move;
  const manifest = move.manifest!;
  const sums = await target.host.script(
    'cd "$1"; shift; sha256sum -- "$@"',
    [incomingDirectory(move), ...manifest.files.map(({ name }) => name)],
    { signal },
  );
  verifySums(manifest, sums, target.host.name);
  return `the SHA-256 sums of ${count(manifest.files.length, "file")} agree`;
}

/** Gives the container its writable layer. */
export async function apply(move: Arrival): Promise<string> {
  const { target, signal } = move;
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
