/** JSON of anything the library gives: big integers, which JSON has no number for, become decimal strings. */
export function toJson(value: unknown, indentation?: number): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? String(part) : part), indentation);
}
