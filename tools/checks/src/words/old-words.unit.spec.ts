import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectOf, repositoryDir } from '../repository.files.mjs';
import { notYetClean, oldWords, oldWordsIn, oldWordsInRepository } from './old-words.mjs';

const found = (file: string, text: string) => oldWordsIn(file, text).map(({ line, old }) => `${line} ${old}`);

describe('an old word', () => {
  it('stands nowhere in the projects that are clean', () => {
    const left = oldWordsInRepository().filter(({ file }) => !notYetClean.includes(projectOf(file)));
    expect(left.map((one) => `${one.file}:${one.line} ${one.old} -> ${one.new}`)).toEqual([]);
  });

  it.each([
    ['as a part of a name', 'libs/contracts/src/x.ts', 'export const n = laneOf(key, 8);', '1 laneOf'],
    ['in capitals', 'tools/local/src/x.ts', `env['LANES']`, '1 LANES'],
    ['in SQL', 'libs/messaging/src/x.ts', 'run(tx, `\n  select key from billing.parked_key`)', '2 parked_key'],
    ['in the name of a file', 'libs/messaging/src/parking.ts', 'export {};', '0 parking'],
    ['in a comment', 'apps/gateway/src/x.ts', '/** The only room that knows. */', '1 room'],
    ['in a document', 'ARCHITECTURE.md', 'It runs\nthe whole house.', '2 house'],
    ['as a phrase, in a sentence', 'libs/messaging/README.md', 'A key that stands still waits.', '1 stands still'],
    ['as a phrase, in a name', 'libs/messaging/src/x.ts', 'const setAside = [];', '1 setAside'],
    ['as the name of a class', 'apps/gateway/src/x.ts', 'constructor(private readonly unit: Landfall) {}', '1 Landfall'],
    ['as the name of a stage', 'apps/subscription/src/x.ts', 'return { passes: isTheEnd };', '1 passes'],
    ['for the attempts of a message', 'libs/messaging/src/x.ts', 'const trial = 1;', '1 trial'],
    ['as a function of subscription', 'apps/subscription/src/x.domain.ts', 'return note(before, {});', '1 note'],
    ['in a heading of a table', 'apps/provisioning/README.md', '| **Says** | `tenant-provisioned` |', '1 **Says**'],
    ['in the emulator', 'apps/marketplace-emulator/src/bulk/x.ts', `import { Dice } from './y';`, '1 Dice'],
    ['as a folder of the emulator', 'apps/marketplace-emulator/src/proof/x.ts', 'export {};', '0 /proof/'],
  ])('is found %s', (_where, file, text, expected) => {
    expect(found(file, text)).toEqual([expected]);
  });

  it.each([
    ['the name of the product', 'apps/gateway/src/x.ts', `throw new Error('Landfall needs a key'); // Landfall`],
    ['a free trial', 'apps/subscription/src/x.ts', 'const { isFreeTrial } = row; run(tx, `is_free_trial boolean`); // a free trial'],
    ['a trial of the emulator', 'apps/marketplace-emulator/src/x.ts', 'const trial = plan.trial;'],
    ["a step of provisioning, an operator's note", 'apps/provisioning/src/x.ts', 'const step = 1; const note = reason; // each step'],
    ['a sealed usage hour', 'apps/billing/src/x.ts', 'const sealedHour = 1; // the usage hour is sealed; a sealed hour'],
    ['the occasion of a read', 'apps/subscription/src/x.domain.ts', 'if (data.occasion) return; // the occasion'],
    ['the proof of a form', 'apps/gateway/src/x.ts', 'const proof = csrfFor(purpose);'],
    ['the story of the demo', 'tools/local/src/demo/x.ts', 'export class Story {}'],
    ['the header Set-Cookie', 'apps/gateway/src/x.ts', `reply.header('set-cookie', cookie); // Set-Cookie`],
    ['room for more', 'apps/gateway/src/x.ts', '// there is no room for more, and it makes room'],
    ['what time does', 'apps/gateway/src/x.ts', '// the time limit passes, and they follow what was seen newer'],
    ["the settlement of Microsoft's operations", 'apps/fulfillment/src/x.ts', 'operationSettled({ operationId }); // it has settled'],
    ['a product of the examples', 'libs/contracts/README.md', `'https://contoso.desk.fabrikam.example' of 'fabrikam-desk'`],
    ['a longer word', 'apps/gateway/src/x.ts', 'const warehouse = 1; const planes = bedroom; const string = sparkles;'],
    ['a step in a sentence', 'apps/subscription/src/x.domain.ts', '// tell each step, and note the others'],
    ['a phrase over two statements', 'libs/messaging/src/x.ts', 'stands(still);'],
  ])('is not %s', (_what, file, text) => {
    expect(found(file, text)).toEqual([]);
  });

  it('is not looked for in a project that there is not', () => {
    const asked = spawnSync(process.execPath, [join(repositoryDir, 'tools/checks/old-words.mjs'), 'apps/gateway/', 'apps/gatway'], {
      encoding: 'utf8',
    });
    expect([asked.status, asked.stderr]).toEqual([2, expect.stringContaining('There is no file in the project "apps/gatway"')]);
  });

  it('stands in the table of the glossary', () => {
    const glossary = readFileSync(join(repositoryDir, 'docs/reference/glossary.md'), 'utf8');
    const table = glossary.slice(glossary.indexOf('## Old words')).toLowerCase();
    const listed = oldWords.flatMap(({ old = [], names = [] }) => [...old.slice(0, 1), ...names]);
    expect(listed.filter((word) => !table.includes(`\`${word.toLowerCase()}\``) && !table.includes(`\`${word.toLowerCase()}s\``))).toEqual(
      [],
    );
  });
});
