import type { Random } from "./random.ts";

/** A damaged copy: cut off, bits flipped, bytes set to extremes, a piece doubled or dropped. */
export function corrupt(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = random.below(copy.length + 1);
  switch (random.below(5)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        const place = random.below(copy.length);
        copy[place] = copy[place]! ^ (1 << random.below(8));
      }
      return copy;
    case 2:
      copy.fill(0xff, at, at + 1 + random.below(8));
      return copy;
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(random.below(at + 1))]);
    default:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + 1 + random.below(8)))]);
  }
}
