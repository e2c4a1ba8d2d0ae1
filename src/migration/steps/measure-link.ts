import { memoryOf } from "../../compatibility/rules/target.ts";
import { isLocal } from "../../host/local.ts";
import { chooseCodec, describeMeasured, mostForMeasuring, namedCodec } from "../../transfer/choose-codec.ts";
import { codecs } from "../../transfer/codec.ts";
import { sampleFolder, sampleMemory } from "../../transfer/sample.ts";
import type { Arrival, Move } from "../move.ts";
import type { Restore } from "../restore/restore.ts";

/** Chooses how the packages of a group are compressed, while the containers still run: by a little of the memory of the first one. */
export async function measureLinkOnce(moves: readonly Move[]): Promise<string[]> {
  const [first] = moves as readonly [Move];
  const { container, source, signal } = first;
  const outcome = await measure(first, () => sampleMemory(source.host, container.State.Pid, signal));
  for (const move of moves) if (first.codec !== undefined) move.codec = first.codec;
  return moves.map((move) => (move === first ? outcome : "the same"));
}

/** As `measureLinkOnce`, with a sample of the archive's pages. */
export function measureLinkForArchive(restore: Restore): Promise<string> {
  return measure(restore, () => sampleFolder(restore.archive.imagesDirectory));
}

async function measure(move: Arrival, takeSample: () => Promise<Buffer>): Promise<string> {
  const { target, signal } = move;
  const { compression, bytesPerSecond } = move.options.transfer;
  if (compression !== "auto") {
    move.codec = await namedCodec(target.host, compression, signal);
    return `${compression}, as asked for`;
  }
  if (isLocal(target.host.name)) {
    move.codec = codecs.none;
    return "no link: it is this machine";
  }
  const sample = await takeSample();
  const mostBytes = mostForMeasuring(memoryOf(move.subject));
  const { codec, measured, bytesSent } = await chooseCodec(target.host, sample, { bytesPerSecond, mostBytes, signal });
  move.codec = codec;
  move.bytesSent += bytesSent;
  return `${codec.name}: ${describeMeasured(measured)}`;
}
