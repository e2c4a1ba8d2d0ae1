import type { Host } from "../../host/host.ts";
import type { LinkPatience } from "../../transfer/over-link.ts";
import type { Arrival } from "../move.ts";

/** How long a move waits for a machine whose link broke; what happens to the link is told as notes. */
export function patienceOf({ signal, emit, options }: Arrival, { name }: Host): LinkPatience {
  const onLink: LinkPatience["onLink"] = (state, error) => {
    const text =
      state === "lost" ? `the link to ${name} broke: ${error!.message}` : "the link is there again; going on where it broke";
    emit({ type: "note", text });
  };
  return { patienceMs: options.transfer.reconnectMs, signal, onLink };
}
