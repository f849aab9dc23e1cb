import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDir, writtenFiles } from './repository.files.mjs';

/** What is counted, where it stands, and how an item of it begins. */
const lists = {
  pitfall: { document: 'docs/reference/microsoft-contract.md', section: 'Pitfalls', item: /^\| (\d+) +\|/gm },
  rule: { document: 'ARCHITECTURE.md', section: 'Rules of the record', item: /^(\d+)\. \*\*/gm },
};

/** What nothing claims yet, with what it waits for. A line goes when its test has come. */
const notYet: Record<keyof typeof lists, Record<number, string>> = {
  pitfall: {
    26: 'a page on which the customer asks for changes',
    29: 'metered usage',
    30: 'metered usage',
    35: 'the sweep over all subscriptions',
  },
  rule: {},
};

const read = (file: string) => readFileSync(join(repositoryDir, file), 'utf8');

function numbersOf({ document, section, item }: (typeof lists)['rule']): number[] {
  const [, text = ''] = new RegExp(`## (?:\\d+\\. )?${section}[^\\n]*\\n([\\s\\S]*?)\\n## `).exec(read(document)) ?? [];
  return [...text.matchAll(item)].map(([, number]) => Number(number));
}

/** Titles of tests: lines that begin `it(`, `describe(` or `])(`, and the one after such a line that ends with it. */
const titles = writtenFiles()
  .filter((file) => /\.(?:spec|journeys)\.ts$/.test(file) && !file.startsWith('tools/checks/'))
  .flatMap((file) => read(file).match(/^\s*(?:(?:it|describe)\b[^\n]*|\]\)\([^\n]*)(?:(?<=\()\n[^\n]*)?/gm) ?? []);

/** `(rule 3)`, `pitfalls 7 and 10`, `rule 9, pitfall 18`. */
function named(kind: string): Set<number> {
  const pattern = new RegExp(`\\b${kind}s? (\\d+(?:(?:, | and )\\d+)*)`, 'g');
  return new Set(
    titles.flatMap((title) => [...title.matchAll(pattern)].flatMap(([, numbers = '']) => numbers.split(/, | and /).map(Number))),
  );
}

describe.each(Object.keys(lists) as (keyof typeof lists)[])('each %s', (kind) => {
  const [numbers, held, waiting] = [numbersOf(lists[kind]), named(kind), Object.keys(notYet[kind]).map(Number)];

  it('is named by the title of a test that holds it, unless it is listed as not claimed yet', () => {
    expect(numbers.length).toBeGreaterThan(10); // or the pattern has gone blind
    expect(numbers.filter((number) => !held.has(number) && !waiting.includes(number))).toEqual([]);
  });

  it('is there where the title of a test, or the list of what is not claimed yet, names it', () => {
    expect([...held, ...waiting].filter((number) => !numbers.includes(number))).toEqual([]);
  });
});
