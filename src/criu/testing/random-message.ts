import type { EnumSchema, FieldType, MessageSchema, ScalarType } from "../protobuf/schema.ts";
import type { Random } from "./random.ts";

export interface RandomMessageOptions {
  /** Numbers below 100 only: for messages that tell how many bytes follow them. */
  readonly small?: boolean;
  readonly depth?: number;
}

/** Any message that fits a schema. */
export function randomMessage<Value>(schema: MessageSchema<Value>, random: Random, options: RandomMessageOptions = {}): Value {
  const { depth = 0 } = options;
  const message: Record<string, unknown> = {};
  for (const [name, { type, rule }] of Object.entries(schema.fields)) {
    const value = () => randomValue(type, random, { ...options, depth: depth + 1 });
    if (rule === "repeated") {
      message[name] = Array.from({ length: depth > 4 ? 0 : random.below(4) }, value);
    } else if (rule === "required" || (depth <= 4 && random.below(2) === 0)) {
      message[name] = value();
    }
  }
  return message as Value;
}

function randomValue(type: FieldType, random: Random, options: RandomMessageOptions): unknown {
  if (typeof type === "string") {
    return randomScalar(type, random, options.small === true);
  }
  const schema: MessageSchema | EnumSchema = typeof type === "function" ? type() : type;
  return schema.kind === "enum" ? random.pick(Object.values(schema.values)) : randomMessage(schema, random, options);
}

function randomScalar(type: ScalarType, random: Random, small: boolean): unknown {
  const bits = small ? BigInt(random.below(100)) : random.bits64();
  switch (type) {
    case "uint32":
      return Number(BigInt.asUintN(32, bits));
    case "int32":
    case "sint32":
      return Number(BigInt.asIntN(32, bits));
    case "uint64":
    case "fixed64":
      return bits;
    case "int64":
    case "sint64":
      return BigInt.asIntN(64, bits);
    case "bool":
      return random.below(2) === 1;
    case "string":
      return random.pick(["", "/usr/bin/redis-server", "žluťoučký 🐎", "\udcff/not utf-8", "\ufeffmark"]);
    case "bytes":
      return random.bytes(random.below(40));
  }
}
