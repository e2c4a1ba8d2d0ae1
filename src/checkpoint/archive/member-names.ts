import type { ArchiveLimits } from "./limits.ts";
import { refusal, shown } from "./refusal.ts";

/** Docker's ids and names, and CRIU's image names (moby #28769: `../` in a checkpoint's name left the folder). */
export const plainName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/**
 * Checks a member's name by itself: it is relative and in its shortest form, as every reader understands it in the same way.
 * @throws MigrationError `archive-refused`: `absolute-path`, `path-traversal`, `bad-name`, `name-too-long`
 */
export function checkName(name: string, { nameBytes }: ArchiveLimits): void {
  const refuse = (reason: Parameters<typeof refusal>[0], why: string) =>
    refusal(reason, `the member \`${shown(name)}\` ${why}`, { member: shown(name) });
  if (Buffer.byteLength(name) > nameBytes) throw refuse("name-too-long", "has too long a name");
  if (name.startsWith("/")) throw refuse("absolute-path", "has an absolute path");
  const parts = name.split("/");
  if (parts.includes("..")) throw refuse("path-traversal", "leads out of the archive's folder");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (parts.includes("") || parts.includes(".") || /[\x00-\x1f\x7f\\]/.test(name)) throw refuse("bad-name", "has no proper name");
}

/** Finds names that are taken already, also on file systems that tell no capitals or compositions of letters apart. */
export class TakenNames {
  readonly #exact = new Set<string>();
  readonly #folded = new Map<string, string>();

  has(name: string): boolean {
    return this.#exact.has(name);
  }

  /** @throws MigrationError `archive-refused`: `duplicate-member`, `name-collision` */
  take(name: string): void {
    const member = shown(name);
    if (this.#exact.has(name)) throw refusal("duplicate-member", `it has the member \`${member}\` twice`, { member });
    const folded = name.normalize("NFKC").toLowerCase().normalize("NFKC");
    const other = this.#folded.get(folded);
    if (other !== undefined) {
      throw refusal(
        "name-collision",
        `the members \`${shown(other)}\` and \`${member}\` have the same name on some file systems`,
        { member },
      );
    }
    this.#exact.add(name);
    this.#folded.set(folded, name);
  }
}
