/** Text as troff's man macros (man(7)) show it unchanged. */
export function troffText(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .split("\n")
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
    .join("\n");
}

/** A macro's argument. */
function quoted(text: string): string {
  return `"${troffText(text).replaceAll('"', '""')}"`;
}

export function section(title: string): string {
  return `.SH ${quoted(title.toUpperCase())}`;
}

export function subsection(title: string): string {
  return `.SS ${quoted(title)}`;
}

/** A term in bold with its explanation below it. */
export function entry(term: string, explanation: string): string {
  return `.TP\n.B ${quoted(term)}\n${troffText(explanation)}`;
}

export function paragraph(text: string): string {
  return `.PP\n${troffText(text)}`;
}

/** Lines that are kept as they are. */
export function verbatim(text: string): string {
  return `.PP\n.nf\n${troffText(text)}\n.fi`;
}
