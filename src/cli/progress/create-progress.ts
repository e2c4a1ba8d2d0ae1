import { isCapableTerminal, styleFor } from "../format/style.ts";
import { symbolsFor } from "../format/symbols.ts";
import type { Surroundings } from "../surroundings.ts";
import { JsonLinesProgress } from "./json-lines.ts";
import { LiveProgress } from "./live.ts";
import { PlainProgress } from "./plain.ts";
import type { Progress } from "./progress.ts";

/** The form of progress that fits standard error. */
export function createProgress(
  { stderr, environment, clock }: Surroundings,
  { json, color }: { readonly json: boolean; readonly color: boolean },
): Progress {
  if (json) return new JsonLinesProgress(stderr);
  if (!isCapableTerminal(stderr, environment)) return new PlainProgress(stderr);
  return new LiveProgress({
    stream: stderr,
    clock,
    style: styleFor(stderr, environment, color),
    symbols: symbolsFor(environment),
  });
}
