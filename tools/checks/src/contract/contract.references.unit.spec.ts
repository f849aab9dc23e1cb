import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDir, writtenFiles } from '../repository.files.mjs';
import { brokenReferences } from './contract.references';
import { sectionsOf } from './contract.sections';

const document = 'docs/reference/microsoft-contract.md';
const read = (file: string) => readFileSync(join(repositoryDir, file), 'utf8');

describe("a reference to Microsoft's contract", () => {
  it('names a section, row or item that is there, everywhere in the repository', () => {
    const sections = sectionsOf(read(document));
    let found = 0;
    const broken = writtenFiles()
      .filter((file) => !file.startsWith('tools/checks/'))
      .flatMap((file) => {
        const result = brokenReferences(read(file), sections);
        found += result.found;
        return result.broken.map(({ line, reference }) => `${file}:${line} names contract ${reference}`);
      });
    expect(broken).toEqual([]);
    expect(found).toBeGreaterThan(400); // or the patterns have gone blind
  });

  const sections = sectionsOf(
    [
      '## 3. API',
      '### 3.4 Activate',
      '1. Ask.',
      '2. Wait.',
      '## 8. Pitfalls',
      '| # | what |',
      '| 2b | a |',
      '| 10 | "Token binding" |',
      '## 9. Emulator',
    ].join('\n'),
  );
  const brokenIn = (text: string) => brokenReferences(text, sections).broken;

  it.each([
    '(contract 3.4)',
    'Contract 3.4, items 1 and 2.',
    'contract 8 (10)',
    'contract 8-10)',
    'contract 3.4, 8 and 9',
    'contract 3.4 to 3.4; 8, 10',
    'contract 8, row 2b',
    'contract 8, "Token binding"',
    'Whoever sends it (contract\n * 3.4) is',
    "section: '3.4, 8 (2b, 10)',",
    'the contract of 2019; "@landfall/contracts": "0.1.0"',
  ])('is accepted: %j', (text) => {
    expect(brokenIn(text)).toEqual([]);
  });

  it.each([
    ['(contract 3.5)', '3.5'],
    ['(contract 3.4, 3.5)', '3.4, 3.5'],
    ['(contract 8, row 3)', '8, row 3'],
    ['(contract 3.4, item 3)', '3.4, item 3'],
    ['(contract 8 (2b, 11))', '8 (2b, 11)'],
    ['(contract 8-11)', '8-11'],
    ['(contract 8, 11)', '8, 11'],
    ['(contract 8, "Token bindings")', '8, "Token bindings"'],
    ["section: '3.4, 4.1'", '3.4, 4.1'],
  ])('is reported: %j', (text, reference) => {
    expect(brokenIn(text)).toEqual([{ line: 1, reference }]);
  });

  it('is reported with the line where its number stands', () => {
    expect(brokenIn('/**\n * Told by the contract\n * 7.7, and by\n */')).toEqual([{ line: 3, reference: '7.7' }]);
  });
});
