/** A label and a text of possibly many lines, which stay in one column. */
export function labelled(label: string, text: string, indentation = 2): string[] {
  const lead = `${label}: `;
  const [first = "", ...rest] = text.trimEnd().split("\n");
  const margin = " ".repeat(indentation);
  return [margin + lead + first, ...rest.map((line) => margin + " ".repeat(lead.length) + line)];
}
