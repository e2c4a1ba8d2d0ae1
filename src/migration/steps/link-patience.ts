import type { Host } from "../../host/host.ts";
import { codecs } from "../../transfer/codec.ts";
import { type LinkPatience, overLink } from "../../transfer/over-link.ts";
import type { SendEncodedOptions } from "../../transfer/send-encoded.ts";
import type { StepName } from "../events.ts";
import type { Arrival, Move } from "../move.ts";

/** How long a move waits for a machine whose link broke; what happens to the link is told as notes. */
export function patienceOf({ signal, emit, options }: Arrival, { name }: Host): LinkPatience {
  const onLink: LinkPatience["onLink"] = (state, error) => {
    const text =
      state === "lost" ? `the link to ${name} broke: ${error!.message}` : "the link is there again; going on where it broke";
    emit({ type: "note", text });
  };
  return { patienceMs: options.transfer.reconnectMs, signal, onLink };
}

/** Begins anew what a broken link to either machine has interrupted: the copy goes on from what has arrived, as far as it can. */
export function withLinks<Result>(
  move: Move,
  step: StepName,
  copy: (options: SendEncodedOptions) => Promise<Result>,
): Promise<Result> {
  const { source, target, signal, codec = codecs.none, options } = move;
  const onBytes = (bytes: number) => move.progress(step, bytes, undefined);
  const copyOptions = { codec, bytesPerSecond: options.transfer.bytesPerSecond, signal, onBytes };
  return overLink(source.host, patienceOf(move, source.host), () =>
    overLink(target.host, patienceOf(move, target.host), () => copy(copyOptions)),
  );
}
