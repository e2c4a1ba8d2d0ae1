import type { FellowConnection } from "./sockets/inet/fellows.ts";

/** What a container's program must know of those that are resumed together with it. */
export interface GroupPart {
  /** The addresses that the container has on the target as it had them on the source, beside those that every container has. */
  readonly addresses: ReadonlySet<string>;
  readonly connections: readonly FellowConnection[];
}
