import type { Reader } from "./reader.ts";
import { type ScalarCodec, scalars } from "./scalars.ts";
import type { EnumSchema, FieldType, MessageSchema } from "./schema.ts";
import type { wireType } from "./wire.ts";

/** A field's type, resolved: a message, or something that is read as a scalar. */
export type ResolvedType =
  | { readonly kind: "message"; readonly schema: MessageSchema }
  | { readonly kind: "scalar"; readonly wire: (typeof wireType)[keyof typeof wireType]; readonly codec: ScalarCodec<unknown> };

/** Resolves a field's type; a function is called, as the message that it gives may have been under construction before. */
export function resolve(type: FieldType): ResolvedType {
  if (typeof type === "string") {
    return scalarOf(scalars[type] as ScalarCodec<unknown>);
  }
  if (typeof type === "function") {
    return { kind: "message", schema: type() };
  }
  return type.kind === "enum" ? scalarOf(enumCodec(type)) : { kind: "message", schema: type };
}

function scalarOf(codec: ScalarCodec<unknown>): ResolvedType {
  return { kind: "scalar", wire: codec.wire, codec };
}

function enumCodec({ name, values }: EnumSchema): ScalarCodec<unknown> {
  const numbers = new Set<unknown>(Object.values(values));
  return {
    ...(scalars.int32 as ScalarCodec<unknown>),
    read(reader: Reader) {
      const value = reader.int32();
      if (!numbers.has(value)) {
        throw reader.unsupported(`${value} is no ${name} known to this version of migrate-container`);
      }
      return value;
    },
    accepts: (value) => numbers.has(value),
  };
}
