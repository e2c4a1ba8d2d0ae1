import type { DescriptorFacts, SocketFacts } from "../live-facts.ts";
import { parseEndpoint } from "./endpoints.ts";
import { linesOf } from "./sections.ts";

/** Files of /proc/net that list sockets. */
export const socketTables = ["tcp", "tcp6", "udp", "udp6", "unix", "netlink", "packet", "raw", "raw6", "icmp", "icmp6"] as const;

type Listed = Omit<SocketFacts, "pid" | "descriptor">;
/** TCP states (include/net/tcp_states.h); UDP uses the first and CLOSE. */
const tcpState = { ESTABLISHED: 1, CLOSE: 7, LISTEN: 10 } as const;

/** @param text what `grep -H` printed of files of /proc/net: `tcp:   0: 0100007F:18EB …` */
export function parseSocketTables(text: string): Map<number, Listed> {
  const lines = Map.groupBy(linesOf(text), (line) => line.slice(0, line.indexOf(":")));
  const listed = socketTables.flatMap((name) =>
    (lines.get(name) ?? []).slice(1).map((line) =>
      parseLine(
        name,
        line
          .slice(name.length + 1)
          .trim()
          .split(/\s+/),
      ),
    ),
  );
  return new Map(listed.map((socket) => [socket.inode, socket]));
}

function parseLine(table: (typeof socketTables)[number], fields: readonly string[]): Listed {
  const nowhere = { state: "other", local: undefined, remote: undefined } as const;
  switch (table) {
    case "unix":
      return { ...nowhere, kind: "unix", inode: Number(fields[6]) };
    case "netlink":
      return { ...nowhere, kind: "netlink", inode: Number(fields[9]) };
    case "packet":
      return { ...nowhere, kind: "packet", inode: Number(fields[8]) };
    default: {
      const state = Number.parseInt(fields[3] ?? "", 16);
      const kind = table.startsWith("tcp") ? "tcp" : table.startsWith("udp") ? "udp" : "raw";
      return {
        inode: Number(fields[9]),
        kind,
        state:
          state === tcpState.LISTEN
            ? "listening"
            : state === tcpState.CLOSE
              ? "other"
              : kind === "tcp" || state === tcpState.ESTABLISHED
                ? "connected"
                : "other",
        local: parseEndpoint(fields[1] ?? ""),
        remote: parseEndpoint(fields[2] ?? ""),
      };
    }
  }
}

/** The sockets that processes hold. */
export function socketsOf(
  processes: readonly { readonly pid: number; readonly descriptors: readonly DescriptorFacts[] }[],
  listed: ReadonlyMap<number, Listed>,
): SocketFacts[] {
  return processes.flatMap(({ pid, descriptors }) =>
    descriptors.flatMap(({ number, target }) => {
      const inode = Number(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? 0);
      if (inode === 0) return [];
      const known: Listed = listed.get(inode) ?? { inode, kind: "unlisted", state: "other", local: undefined, remote: undefined };
      return [{ ...known, pid, descriptor: number }];
    }),
  );
}
