import { type RefusalReason, refusal, shown } from "./refusal.ts";

/** Reads values of JSON whose types are not known yet. Every method throws what it was told to when a type is another. */
export class Shape {
  readonly #value: unknown;
  readonly #place: string;
  readonly #reason: RefusalReason;

  constructor(value: unknown, place: string, reason: RefusalReason) {
    this.#value = value;
    this.#place = place;
    this.#reason = reason;
  }

  fail(why: string, reason = this.#reason): never {
    throw refusal(reason, `${this.#place} ${why}`);
  }

  /** The object's members. @param keys the only ones there may be; undefined: any */
  object(keys?: readonly string[]): (key: string) => Shape {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return this.fail("is no object");
    const unknown = keys && Object.keys(value).find((key) => !keys.includes(key));
    if (unknown !== undefined) this.fail(`has the unknown field \`${shown(unknown)}\``);
    return (key) =>
      new Shape(
        Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined,
        `${this.#place}.${key}`,
        this.#reason,
      );
  }

  list(most = Number.POSITIVE_INFINITY): Shape[] {
    if (!Array.isArray(this.#value)) return this.fail("is no list");
    if (this.#value.length > most) this.fail(`has more than ${most} items`, "too-many-members");
    return this.#value.map((each, index) => new Shape(each, `${this.#place}[${index}]`, this.#reason));
  }

  text(pattern?: RegExp, reason = this.#reason): string {
    if (typeof this.#value !== "string") return this.fail("is no text");
    if (pattern !== undefined && !pattern.test(this.#value)) this.fail(`is not as it must be (${pattern.source})`, reason);
    return this.#value;
  }

  /** A whole number that is not negative. */
  count(): number {
    if (!Number.isSafeInteger(this.#value) || (this.#value as number) < 0 || Object.is(this.#value, -0))
      this.fail("is no whole number");
    return this.#value as number;
  }

  /** A limit as Go writes it; -1: none, as for numbers that have no exact place here. */
  limit(): number {
    if (!Number.isInteger(this.#value)) this.fail("is no whole number");
    return Number.isSafeInteger(this.#value) ? (this.#value as number) : -1;
  }

  flag(): boolean {
    if (typeof this.#value !== "boolean") return this.fail("is neither true nor false");
    return this.#value;
  }

  /** The members of an object whose names are not known. */
  entries(): [key: string, value: Shape][] {
    const at = this.object();
    return Object.keys(this.#value as object).map((key) => [key, at(key)]);
  }

  /** Reads it where it is there: Go writes null for what is empty. */
  maybe<Value>(read: (shape: Shape) => Value): Value | undefined {
    return this.absent || this.isNull ? undefined : read(this);
  }

  get absent(): boolean {
    return this.#value === undefined;
  }

  get isNull(): boolean {
    return this.#value === null;
  }

  texts(pattern?: RegExp, reason = this.#reason): string[] {
    return this.list().map((each) => each.text(pattern, reason));
  }
}
