import type { Section } from './contract.sections';

/** A place that names a section of the contract which is not there. */
export interface BrokenReference {
  readonly line: number;
  readonly reference: string;
}

interface Part {
  readonly number: string;
  /** Rows of a table or items of a list. */
  readonly items: string[];
  /** A heading of a row, in quotation marks. */
  readonly quoted: string | undefined;
}

const section = String.raw`\d+(?:\.\d+)*(?![\d\w])`;
const items = String.raw`(?:-\d+[a-z]?| \(\d+[a-z]?(?:, \d+[a-z]?)*\)|,? (?:rows?|items?|steps?|pitfalls?) \d+[a-z]?(?:(?:, | and | to |, and )\d+[a-z]?(?!\.\d))*)?`;
const quoted = String.raw`(?:, "[^"\n]+")?`;
const part = `${section}${items}${quoted}`;
const between = String.raw`(?:, and |, | and | to |; )`;
/** "contract 4.3 and 4.5", also over the end of a line of a comment. */
const inProse = new RegExp(
  String.raw`\bcontract(?:'s)?(?: section)?,?(?: |\s*\n\s*(?:\*|//|#|--)? ?)(${part}(?:${between}${part})*)`,
  'gi',
);
/** How the emulator's rules name theirs: \`section: '3.4, 8 (15)'\`. */
const inRules = new RegExp(String.raw`\bsection: '(${part}(?:, ${part})*)'`, 'g');
/** Within the document itself. */
const bySign = new RegExp(`§(${part})`, 'g');

/** Finds what a text says about sections, rows and items of the contract that are not there. */
export function brokenReferences(text: string, sections: ReadonlyMap<string, Section>): { found: number; broken: BrokenReference[] } {
  const broken: BrokenReference[] = [];
  let found = 0;
  for (const pattern of [inProse, inRules, bySign]) {
    for (const match of text.matchAll(pattern)) {
      found++;
      const named = match[1] ?? '';
      if (!isThere(partsOf(named), sections))
        broken.push({ line: text.slice(0, match.index + match[0].indexOf(named)).split('\n').length, reference: named });
    }
  }
  return { found, broken: broken.sort((one, other) => one.line - other.line) };
}

/** A bare number after a section may be one of its rows ("8, 19") or a section ("9.2, 12"): one of the two has to be there. */
function isThere(parts: Part[], sections: ReadonlyMap<string, Section>): boolean {
  let before: Section | undefined;
  for (const { number, items: named, quoted: words } of parts) {
    const itself = sections.get(number);
    if (!itself && !before?.items.has(number)) return false;
    if (itself && !named.every((one) => itself.items.has(one))) return false;
    if (itself && words && !itself.text.includes(words)) return false;
    before = itself ?? before;
  }
  return true;
}

function partsOf(named: string): Part[] {
  return [...named.matchAll(new RegExp(part, 'g'))].map(([whole]) => {
    const [number = ''] = /^\d+(?:\.\d+)*/.exec(whole) ?? [];
    const rest = whole.slice(number.length);
    const words = /, "([^"]+)"/.exec(rest)?.[1];
    return { number, items: itemsOf(words ? rest.replace(`, "${words}"`, '') : rest), quoted: words };
  });
}

/** "rows 3, 8 and 9" are three, "items 2 to 4" as well. */
function itemsOf(text: string): string[] {
  const range = /(\d+) to (\d+)/.exec(text);
  if (range) return Array.from({ length: Number(range[2]) - Number(range[1]) + 1 }, (_, index) => String(Number(range[1]) + index));
  return text.match(/\d+[a-z]?/g) ?? [];
}
