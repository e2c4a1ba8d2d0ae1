import { quoteCommand } from "../../host/quote.ts";

/** A command line of this program that the user can paste. Undefined and false options are left out. */
export function ownCommandLine(
  words: readonly string[],
  options: Readonly<Record<string, string | boolean | undefined>> = {},
): string {
  const optionWords = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}`, value];
  });
  return quoteCommand(["migrate-container", ...words, ...optionWords]);
}
