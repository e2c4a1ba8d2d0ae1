import { parseAddress, shorten } from "./endpoints.ts";
import { linesOf } from "./sections.ts";

/**
 * The machine's own IP addresses.
 * @param trie /proc/net/fib_trie: a line `|-- 10.0.2.15` followed by `/32 host LOCAL`
 * @param interfaces /proc/net/if_inet6
 */
export function parseAddresses(trie: string, interfaces: string): Set<string> {
  const addresses = new Set<string>();
  let last = "";
  for (const line of linesOf(trie)) {
    last = /\|-- (\S+)/.exec(line)?.[1] ?? last;
    if (/\/32 host LOCAL/.test(line)) addresses.add(last);
  }
  for (const line of linesOf(interfaces)) {
    const address = /^[0-9a-f]{32}/.exec(line)?.[0];
    if (address !== undefined) addresses.add(shorten(parseAddress(address, false)));
  }
  return addresses;
}
