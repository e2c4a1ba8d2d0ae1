/** A word as a POSIX shell reads it back unchanged. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that a POSIX shell splits into exactly these words. */
export function quoteCommand(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}
