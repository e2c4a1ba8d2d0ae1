import type { Strategy } from "../src/compatibility/strategy.ts";
import { differences, type Field, type FieldValues } from "./differences.ts";
import type { ContainerState } from "./record.ts";

/** Compares all fields. @returns a line for each that differs although it may not */
export function compare(source: ContainerState, target: ContainerState, strategy: Strategy): string[] {
  const [before, after] = [new Map(leaves(source, [])), new Map(leaves(target, []))];
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({ field: JSON.parse(name) as Field, before: before.get(name), after: after.get(name) }))
    .filter((values) => values.before !== values.after && !mayDiffer({ ...values, source, strategy }))
    .map((values) => `${JSON.stringify(values.field)}: ${shown(values.before)} became ${shown(values.after)}`);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}

/** Every value that is no object, by its name as JSON. */
function* leaves(value: unknown, field: Field): Generator<[string, unknown]> {
  if (typeof value !== "object" || value === null) yield [JSON.stringify(field), value];
  else for (const [key, part] of Object.entries(value)) yield* leaves(part, [...field, key]);
}

function mayDiffer(values: FieldValues): boolean {
  return differences.some(
    ({ fields, holds = () => true }) => fields.some((pattern) => matches(pattern.split(" "), values.field)) && holds(values),
  );
}

function matches([first, ...rest]: readonly string[], field: Field): boolean {
  if (first === undefined) return field.length === 0;
  if (first === "**") return field.some((_, index) => matches(rest, field.slice(index + 1)));
  return field.length > 0 && (first === "*" || first === field[0]) && matches(rest, field.slice(1));
}
