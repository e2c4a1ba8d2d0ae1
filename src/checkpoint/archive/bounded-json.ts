/** A manifest has four values for each member; records of containers have some hundreds. */
const usualValues = 400_000;
const deepest = 100;

/**
 * Parses JSON after a look at how much it would take: lists in lists take fifty times their text in memory.
 * @param mostValues how many values there may be in lists and objects
 * @throws SyntaxError
 */
export function parseBoundedJson(text: string, mostValues = usualValues): unknown {
  let [depth, values, inString] = [0, 0, false];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "," || character === ":") values += 1;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth > deepest) throw new SyntaxError(`there are more than ${deepest} lists in each other`);
    if (values > mostValues) throw new SyntaxError(`there are more than ${mostValues} values`);
  }
  return JSON.parse(text);
}
