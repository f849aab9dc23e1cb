import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDir, writtenFiles } from './repository.files.mjs';

const read = (file: string) => readFileSync(join(repositoryDir, file), 'utf8');

/** The numbers under "Rules of the record" in ARCHITECTURE.md. */
function ruleNumbers(): Set<number> {
  const [, section = ''] = /## Rules of the record\n([\s\S]*?)\n## /.exec(read('ARCHITECTURE.md')) ?? [];
  return new Set([...section.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number)));
}

/** `rule 3`, `rules 2 and 3`, `rules 1, 2 and 3`. The emulator's breach rules have names, not numbers. */
const references = /\brules? (\d+(?:(?:, | and )\d+)*)/g;

it('names a rule of the record that ARCHITECTURE.md states, wherever a rule is named by its number', () => {
  const rules = ruleNumbers();
  expect(rules.size).toBeGreaterThan(8);
  let found = 0;
  const broken = writtenFiles()
    .filter((file) => /^(apps|libs)\//.test(file) && !file.startsWith('apps/marketplace-emulator/'))
    .flatMap((file) =>
      [...read(file).matchAll(references)].flatMap(([, numbers = '']) => {
        const missing = numbers.split(/, | and /).filter((number) => !rules.has(Number(number)));
        found++;
        return missing.map((number) => `${file} names rule ${number}`);
      }),
    );
  expect(broken).toEqual([]);
  expect(found).toBeGreaterThan(50); // or the pattern has gone blind
});
