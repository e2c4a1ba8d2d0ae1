/** Other values than those that a decoded image holds. */

type Draft = Record<string, unknown>;

const pageSize = 4096n;

/**
 * Changes one value somewhere in a message: a number to an extreme or a neighbour, a list to one that has an element twice, too few,
 * too many or in another order.
 * @param choices which field, on each level, and at last which change
 * @returns the changed copy
 */
export function changeValue(message: unknown, choices: readonly number[]): unknown {
  const [choice = 0, ...rest] = choices;
  if (Array.isArray(message)) return changeList(message, choices);
  if (!isMessage(message)) return otherScalar(message, choice);
  const keys = Object.keys(message);
  if (keys.length === 0) return message;
  const key = keys[choice % keys.length]!;
  return { ...message, [key]: changeValue(message[key], rest) } satisfies Draft;
}

function changeList(list: readonly unknown[], [choice = 0, ...rest]: readonly number[]): unknown[] {
  const at = (rest[0] ?? 0) % Math.max(1, list.length);
  switch (choice % 8) {
    case 0:
      return list.toSpliced(at, 0, ...list.slice(at, at + 1));
    case 1:
      return list.toSpliced(at, 1);
    case 2:
      return list.toReversed();
    case 3:
      return [];
    case 4:
      return list.length > 200 ? [] : Array.from({ length: 300 }, () => list).flat();
    default:
      return list.length === 0 ? [] : list.with(at, changeValue(list[at], rest.slice(1)));
  }
}

function otherScalar(value: unknown, choice: number): unknown {
  const pick = <Value>(from: readonly Value[]): Value => from[choice % from.length]!;
  if (typeof value === "number") {
    const near = [value + 1, value - 1, value ^ (1 << (choice % 31))];
    return pick([0, 1, 2, 3, 0x7fff_ffff, 0xffff_ffff, 0x8000_0000, choice, 4096, ...near, ...near]) >>> 0;
  }
  if (typeof value === "bigint") {
    const edges = [0n, 1n, 1n << 47n, (1n << 47n) - pageSize, 1n << 48n, 1n << 63n, (1n << 64n) - 1n, -pageSize, BigInt(choice)];
    const near = [value + 1n, value - 1n, value + pageSize, value - pageSize, value * 2n, value ^ (1n << BigInt(choice % 64))];
    return BigInt.asUintN(64, pick([...edges, ...near, ...near]));
  }
  if (typeof value === "string")
    return pick(["", "/", "..", "/../../etc/passwd", `${value}x`, value.slice(1), "a".repeat(70_000)]);
  if (value instanceof Uint8Array)
    return pick([new Uint8Array(), value.slice(1), Buffer.concat([value, value]), value.toReversed()]);
  return typeof value === "boolean" ? !value : value;
}

function isMessage(value: unknown): value is Draft {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}
