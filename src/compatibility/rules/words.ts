import type { HostFacts } from "../../host/facts.ts";
import type { WithoutRoot } from "../../host/host.ts";
import type { Sighting } from "../rule.ts";

/** Whom commands run as on a machine, where that is not root. */
export function otherThanRoot({
  hostFacts: { uid },
  withoutRoot,
}: {
  readonly hostFacts: HostFacts;
  readonly withoutRoot?: WithoutRoot | undefined;
}): Sighting[] {
  if (uid === 0) return [];
  const seen = `commands run as user ${uid}`;
  return [withoutRoot === undefined ? seen : { seen: `${seen} (${withoutRoot.why})`, remedy: withoutRoot.remedy }];
}

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
