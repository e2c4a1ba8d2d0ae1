/** Seeded random numbers for tests, so that a failure can be had again. */
export interface Random {
  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number;
  /** 64 random bits, small numbers and extremes being likelier. */
  bits64(): bigint;
  bytes(length: number): Uint8Array;
  pick<T>(from: readonly T[]): T;
}

/** The mulberry32 generator. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const random: Random = {
    below: (limit) => next() % limit,
    bits64() {
      const shape = next() % 4;
      const wide = (BigInt(next()) << 32n) | BigInt(next());
      return shape === 0 ? wide >> 60n : shape === 1 ? wide >> 40n : shape === 2 ? wide : BigInt.asUintN(64, -(wide >> 60n));
    },
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    pick: (from) => from[next() % from.length]!,
  };
  return random;
}
