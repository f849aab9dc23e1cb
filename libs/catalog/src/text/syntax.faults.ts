import { isScalar, visit, type Document, type YAMLError } from 'yaml';

/** A fault and where it stands, in characters from the beginning. */
export interface PlacedFault {
  readonly offset: number;
  readonly problem: string;
}

/** What people get wrong most often, in plain words. */
const words: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'this line is indented by a tab: use blanks',
  MULTIPLE_DOCS: 'a second document begins here ("---"): a catalog is one document',
};

/** Why a text cannot be read as YAML, or not in one way alone. */
export function syntaxFaults(document: Document): PlacedFault[] {
  const unread = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    offset: pos[0],
    problem: words[code] ?? `this is not read as YAML: ${message}`,
  }));
  return unread.length > 0 ? unread : doubleNames(document);
}

/** The parser's own check compares each name with each other one, which takes a minute where a file has some ten thousand in one place. */
function doubleNames(document: Document): PlacedFault[] {
  const found: PlacedFault[] = [];
  visit(document, {
    Map(_, { items }) {
      const names = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (names.has(key.value))
          found.push({ offset: key.range?.[0] ?? 0, problem: 'this name stands in the same place a second time: keep one of them' });
        names.add(key.value);
      }
    },
  });
  return found;
}
