/** A section of Microsoft's contract, with the numbers of its table rows and list items. */
export interface Section {
  readonly items: ReadonlySet<string>;
  readonly text: string;
}

const heading = /^#{2,4} (\d+(?:\.\d+)*)\.? /;
const row = /^\| (\d+[a-z]?) +\|/;
const item = /^(\d+)\. /;

/** The sections of the document by their numbers. What a section holds belongs to the sections around it as well: row 4 of 8 may stand in 8.1. */
export function sectionsOf(document: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, { items: Set<string>; text: string }>();
  let current = '';
  for (const line of document.split('\n')) {
    const number = heading.exec(line)?.[1];
    if (number) {
      current = number;
      sections.set(number, { items: new Set(), text: '' });
    }
    const numbered = (row.exec(line) ?? item.exec(line))?.[1];
    for (const around of enclosing(current)) {
      const section = sections.get(around);
      if (!section) continue;
      section.text += `${line}\n`;
      if (numbered) section.items.add(numbered);
    }
  }
  return sections;
}

/** `3.1.4` stands in 3.1.4, 3.1 and 3. */
function enclosing(number: string): string[] {
  const parts = number.split('.');
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
}
