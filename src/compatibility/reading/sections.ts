/**
 * The begin of a script that prints sections: for any POSIX shell, what is missing leaves its section empty. Its first parameter is the
 * marker; the others are the script's own.
 */
export const beginSections = `
set +e
exec 2>/dev/null
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
marker=$1
shift
section() { echo; echo "$marker $1"; }`;

/**
 * Splits what a script printed into the sections that it began with lines `<marker> <title>`.
 * @param marker something that nobody else can print: file names of a container may hold line ends
 * @returns text by title; a section that is missing is empty
 */
export function splitSections(text: string, marker: string): (title: string) => string {
  const sections = new Map<string, string>();
  for (const part of `\n${text}`.split(`\n${marker} `).slice(1)) {
    const end = part.indexOf("\n");
    sections.set(end < 0 ? part : part.slice(0, end), end < 0 ? "" : part.slice(end + 1));
  }
  return (title) => sections.get(title) ?? "";
}

export function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
