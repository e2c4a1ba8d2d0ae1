import type { DescriptorFacts } from "../live-facts.ts";

type Kind = DescriptorFacts["kind"];
const kinds: Readonly<Record<string, Kind>> = {
  "-": "file",
  d: "directory",
  c: "character-device",
  b: "block-device",
  p: "pipe",
  s: "socket",
};

/**
 * @param links lines of `ls -l /proc/<pid>/fd`
 * @param targets lines of `ls -lL /proc/<pid>/fd`, which tell what kind of file each one is
 */
export function parseDescriptors(links: readonly string[], targets: readonly string[]): DescriptorFacts[] {
  const types = new Map(targets.map((line) => [Number(/\s(\d+)$/.exec(line)?.[1] ?? -1), line.charAt(0)]));
  return links
    .flatMap((line) => {
      const [, number, target] = /\s(\d+) -> (.*)$/.exec(line) ?? [];
      if (number === undefined || target === undefined) return [];
      return [{ number: Number(number), target, kind: kindOf(target, types.get(Number(number))) }];
    })
    .sort((a, b) => a.number - b.number);
}

function kindOf(target: string, type: string | undefined): Kind {
  if (target.startsWith("pipe:[")) return "pipe";
  if (target.startsWith("socket:[")) return "socket";
  // A namespace file looks like a regular one, and is called `net:[4026531840]`.
  if (!target.startsWith("/")) return "other";
  return type === undefined ? "file" : (kinds[type] ?? "other");
}
