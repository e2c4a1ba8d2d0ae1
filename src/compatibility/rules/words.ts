const shown = 6;

/** `a, b, c and 4 more`: enough to find them, whatever their number. */
export function listed(things: readonly string[]): string {
  const unique = [...new Set(things)];
  const more = unique.length - shown;
  return unique.slice(0, shown).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** One sighting of everything, or none of nothing. */
export function together(what: string, things: readonly string[]): string[] {
  return things.length === 0 ? [] : [`${what}: ${listed(things)}`];
}

export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
