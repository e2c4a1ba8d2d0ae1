/**
 * Protocol Buffers (proto2) messages as typed data: one value gives the decoder, the encoder and the TypeScript type.
 */

/** The TypeScript type of each scalar: 64-bit integers are bigint, as addresses and masks exceed 2^53. */
export interface ScalarValues {
  uint32: number;
  int32: number;
  sint32: number;
  uint64: bigint;
  int64: bigint;
  sint64: bigint;
  fixed64: bigint;
  bool: boolean;
  string: string;
  bytes: Uint8Array;
}

export type ScalarType = keyof ScalarValues;

/** A closed enum: its names and numbers. A number that is not listed is refused on decoding. */
export interface EnumSchema<out Values extends Readonly<Record<string, number>> = Readonly<Record<string, number>>> {
  readonly kind: "enum";
  readonly name: string;
  readonly values: Values;
}

declare const valueType: unique symbol;

/** A message: its name and fields. `Value` is the TypeScript type of a decoded message. */
export interface MessageSchema<out Value = unknown> {
  readonly kind: "message";
  readonly name: string;
  readonly fields: Fields;
  /** Exists for the type checker only. */
  readonly [valueType]?: Value;
}

/** The type of a field. A function stands for a message that contains itself. */
export type FieldType = ScalarType | EnumSchema | MessageSchema | (() => MessageSchema);
export type Rule = "required" | "optional" | "repeated";

export interface Field<Type extends FieldType = FieldType, FieldRule extends Rule = Rule> {
  readonly number: number;
  readonly type: Type;
  readonly rule: FieldRule;
}

export type Fields = Readonly<Record<string, Field>>;

/** A field that this table does not know, kept as it came (tag included) so that rewriting an image loses nothing. */
export interface UnknownField {
  readonly number: number;
  readonly raw: Uint8Array;
}

/** The key under which a decoded message holds its unknown fields; absent when it has none. */
export const unknownFields = Symbol("unknownFields");

export interface HasUnknownFields {
  readonly [unknownFields]?: readonly UnknownField[];
}

type FieldValue<Type extends FieldType> = Type extends ScalarType
  ? ScalarValues[Type]
  : Type extends EnumSchema<infer Values>
    ? Values[keyof Values]
    : Type extends MessageSchema<infer Value>
      ? Value
      : Type extends () => MessageSchema<infer Value>
        ? Value
        : never;

type KeysOf<F extends Fields, R extends Rule> = { [Key in keyof F]: F[Key]["rule"] extends R ? Key : never }[keyof F];

/** The TypeScript type of a message with these fields. */
export type ValueOf<F extends Fields> = {
  readonly [Key in KeysOf<F, "required">]: FieldValue<F[Key]["type"]>;
} & {
  readonly [Key in KeysOf<F, "optional">]?: FieldValue<F[Key]["type"]> | undefined;
} & {
  readonly [Key in KeysOf<F, "repeated">]: readonly FieldValue<F[Key]["type"]>[];
} & HasUnknownFields;

/** The TypeScript type of a message: `type VmaEntry = MessageOf<typeof vmaEntry>`. */
export type MessageOf<Schema> = Schema extends MessageSchema<infer Value> ? Value : never;

/** The numbers of an enum: `type FdType = EnumOf<typeof fdTypes>`. */
export type EnumOf<Schema> = Schema extends EnumSchema<infer Values> ? Values[keyof Values] : never;

export function message<const F extends Fields>(name: string, fields: F): MessageSchema<ValueOf<F>> {
  return { kind: "message", name, fields };
}

export function enumeration<const Values extends Readonly<Record<string, number>>>(
  name: string,
  values: Values,
): EnumSchema<Values> {
  return { kind: "enum", name, values };
}

export function required<const Type extends FieldType>(number: number, type: Type): Field<Type, "required"> {
  return { number, type, rule: "required" };
}

export function optional<const Type extends FieldType>(number: number, type: Type): Field<Type, "optional"> {
  return { number, type, rule: "optional" };
}

export function repeated<const Type extends FieldType>(number: number, type: Type): Field<Type, "repeated"> {
  return { number, type, rule: "repeated" };
}
