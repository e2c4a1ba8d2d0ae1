import { isIPv6 } from "node:net";
import type { Endpoint } from "../live-facts.ts";

/** An address of /proc/net/tcp or tcp6: `0100007F:18EB`. The address is printed as words of the machine's byte order (little-endian here). */
export function parseEndpoint(text: string): Endpoint {
  const [words = "", port = ""] = text.split(":");
  return { address: parseAddress(words, true), port: Number.parseInt(port, 16) };
}

/** @param swapped whether each group of four bytes is printed backwards */
export function parseAddress(hexadecimal: string, swapped: boolean): string {
  const groups = hexadecimal.match(/.{8}/g) ?? [];
  const bytes = groups.flatMap((word) => {
    const group = [...Buffer.from(word, "hex")];
    return swapped ? group.reverse() : group;
  });
  if (bytes.length === 4) return bytes.join(".");
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join(".");
  const parts = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  return shorten(parts.join(":"));
}

/** As people write it: `::1`. */
export function shorten(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

export function formatEndpoint({ address, port }: Endpoint): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
