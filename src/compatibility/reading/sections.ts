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
