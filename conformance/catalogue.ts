import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

export const programsFolder = join(import.meta.dirname, "programs");

/** The ways in which a program goes on after its dump. */
export const ways = ["criu", "native", "arm64"] as const;
export type Way = (typeof ways)[number];

/** A conformance program, as its source describes it. */
export interface ConformanceProgram {
  /** `files/append` */
  readonly name: string;
  /** The kernel objects that it is about: `Files`. */
  readonly title: string;
  /** What it shows, as a sentence. */
  readonly claim: string;
  /** Capabilities that it needs beyond Docker's default ones: `CAP_SYS_ADMIN`. */
  readonly capabilities: readonly string[];
  /** Why it is refused by name in a way, where that is known and told to users. */
  readonly exceptions: Readonly<Partial<Record<Way, string>>>;
  /** Why it fails in a way without being refused: what users are told is lost. */
  readonly losses: Readonly<Partial<Record<Way, string>>>;
}

/**
 * Reads what the sources say of themselves. The first line is `/* Title: claim. *\/`; lines like these may follow:
 *
 *     // capability: CAP_SYS_ADMIN
 *     // except arm64: qemu-user has no such system call
 *     // lost arm64: qemu-user answers for itself
 *
 * @throws Error when a source does not begin so
 */
export async function readCatalogue(): Promise<ConformanceProgram[]> {
  const files = (await readdir(programsFolder, { recursive: true })).filter((file) => file.endsWith(".c"));
  return Promise.all(files.toSorted().map(async (file) => describe(file, await readFile(join(programsFolder, file), "utf8"))));
}

function describe(file: string, source: string): ConformanceProgram {
  const head = /^\/\* ([^:]+): (.+\.) \*\/\n((?:\/\/ .*\n)*)/.exec(source);
  if (head === null) throw new Error(`${file} does not begin with a comment "Title: what it shows."`);
  const [, title, claim, lines] = head as unknown as [string, string, string, string];
  const values = (key: string) => [...lines.matchAll(new RegExp(`^// ${key}: (.+)$`, "gm"))].map(([, value]) => value!);
  const name = join(file, "..", basename(file, ".c"));
  const byWay = (key: string) =>
    Object.fromEntries(ways.flatMap((way) => values(`${key} ${way}`).map((reason) => [way, reason])));
  return { name, title, claim, capabilities: values("capability"), exceptions: byWay("except"), losses: byWay("lost") };
}
