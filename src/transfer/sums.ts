import type { Host } from "../host/host.ts";

/** The programs that compute SHA-256, each with how it is called and prints `sum  name` or `sum *name`; the first that a machine has is used. */
const sumPrograms = ["sha256sum", "toybox sha256sum", "busybox sha256sum", "shasum -a 256", "openssl dgst -sha256 -r"] as const;

/** Prints the name of the sum program that the machine has; nothing without one. For scripts of any POSIX shell. */
export const findSumProgram = `for program in ${sumPrograms.map((words) => `'${words}'`).join(" ")}; do
  if [ "$($program </dev/null 2>/dev/null | cut -c 1-8)" = e3b0c442 ]; then echo "$program"; break; fi
done`;

/**
 * Has a machine compute the SHA-256 of files, with whatever program it has for it.
 * @returns lines as `sha256sum` prints them
 * @throws MigrationError `command-failed` where a file is missing or there is no such program
 */
export async function sumFiles(
  host: Host,
  directory: string,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const script = `cd "$1"; shift; sum=$(${findSumProgram}); [ -n "$sum" ] || { echo "it has no sha256sum" >&2; exit 1; }; $sum "$@"`;
  return await host.script(script, [directory, ...names], { signal });
}
