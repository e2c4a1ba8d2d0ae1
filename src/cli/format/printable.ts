/** Names of processes, files and what archives ask for may hold what commands a terminal. */
export function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return line.replace(/[\x00-\x1f\x7f-\x9f]/g, "\u{fffd}");
}
