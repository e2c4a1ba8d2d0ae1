/** A number with its noun: `1 layer`, `5 threads`. @param many the plural, where it is not the noun with an s */
export function count(number: number, noun: string, many = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : many}`;
}
