import type { Field, MessageSchema, Rule } from "./schema.ts";
import { type ResolvedType, resolve } from "./value-codec.ts";

export interface LaidOutField {
  readonly name: string;
  readonly number: number;
  readonly rule: Rule;
  readonly type: ResolvedType;
}

/** A message's fields as the codec needs them. */
export interface Layout {
  /** In order of their numbers: protobuf-c, which CRIU uses, writes them so. */
  readonly fields: readonly LaidOutField[];
  readonly byNumber: ReadonlyMap<number, LaidOutField>;
}

const layouts = new WeakMap<MessageSchema, Layout>();

export function layoutOf(schema: MessageSchema): Layout {
  let layout = layouts.get(schema);
  if (layout === undefined) {
    const fields = Object.entries(schema.fields)
      .map(([name, field]: [string, Field]) => ({ name, number: field.number, rule: field.rule, type: resolve(field.type) }))
      .sort((left, right) => left.number - right.number);
    layout = { fields, byNumber: new Map(fields.map((field) => [field.number, field])) };
    layouts.set(schema, layout);
  }
  return layout;
}
