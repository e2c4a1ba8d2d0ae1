import { quoteCommand } from "../../host/quote.ts";

export type OptionValue = string | readonly string[] | boolean | undefined;

/** Two paths of each option, as users write them. */
export function pairs(paths: Readonly<Record<string, string>>): string[] {
  return Object.entries(paths).map(([here, there]) => `${here}=${there}`);
}

/** A command line of this program that the user can paste. Undefined and false options are left out; a list is an option for each of its values. */
export function ownCommandLine(words: readonly string[], options: Readonly<Record<string, OptionValue>> = {}): string {
  const optionWords = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [value].flat().flatMap((each) => [`--${name}`, each]);
  });
  return quoteCommand(["migrate-container", ...words, ...optionWords]);
}
