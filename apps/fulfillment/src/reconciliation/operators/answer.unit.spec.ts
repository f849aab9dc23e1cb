import { randomUUID } from 'node:crypto';
import type { Answered, Asked, Question } from '../reconciliation';
import { dismissed, letThrough, withdrawn } from './answer.domain';

const asked = (differing: Partial<Asked> = {}): Asked => ({
  ...{ id: randomUUID(), registration: 'default', asks: ['loss', 'import'], answers: {}, missing: 0, ended: 4 },
  ...differing,
});

const both = { release: letThrough, dismiss: dismissed, withdraw: withdrawn };

it.each<[string, keyof typeof both, Asked, Question[] | undefined, Asked['answers'] | string]>([
  ['all that is open', 'release', asked(), undefined, { loss: 'released', import: 'released' }],
  ['one question, and leaves the other open', 'release', asked(), ['import'], { import: 'released' }],
  ['the other in another way', 'dismiss', asked({ answers: { import: 'released' } }), ['loss'], { import: 'released', loss: 'dismissed' }],
  ['what is still open', 'dismiss', asked({ answers: { import: 'released' } }), undefined, { import: 'released', loss: 'dismissed' }],
  ['what was answered', 'dismiss', asked({ answers: { loss: 'released' } }), ['loss'], 'This was answered already: loss released'],
  [
    'both, one of which was answered',
    'release',
    asked({ answers: { loss: 'dismissed' } }),
    ['loss', 'import'],
    'This was answered already: loss dismissed',
  ],
  [
    'all, where all was answered',
    'release',
    asked({ asks: ['loss'], answers: { loss: 'released' } }),
    undefined,
    'This was answered already: loss released',
  ],
  [
    'what a newer sweep has asked again',
    'release',
    asked({ answers: { loss: 'released', import: 'superseded' } }),
    ['import'],
    'A newer sweep',
  ],
  ['what is not asked', 'release', asked({ asks: ['loss'] }), ['import'], 'This sweep asks nothing about import'],
  ['a sweep that asks nothing', 'release', asked({ asks: [] }), undefined, 'This sweep asks nothing'],
  ['a loss of which all is missing', 'release', asked({ asks: ['loss'], missing: 4, ended: 0 }), undefined, 'Dismiss it'],
  ['the same beside an import', 'release', asked({ missing: 4, ended: 0 }), undefined, 'let through the import alone'],
  ['the import alone', 'release', asked({ missing: 4, ended: 0 }), ['import'], { import: 'released' }],
  ['a few that are missing', 'dismiss', asked({ asks: [], missing: 2 }), undefined, { loss: 'dismissed' }],
  ['a few that are missing beside an import', 'dismiss', asked({ asks: ['import'], missing: 2 }), ['loss'], { loss: 'dismissed' }],
  ['the import beside a few that are missing', 'dismiss', asked({ asks: ['import'], missing: 2 }), undefined, { import: 'dismissed' }],
  [
    'what was dismissed, and takes it back',
    'withdraw',
    asked({ answers: { loss: 'dismissed', import: 'released' } }),
    undefined,
    { loss: 'withdrawn', import: 'released' },
  ],
  ['what was let through', 'withdraw', asked({ answers: { loss: 'released' } }), ['loss'], 'Only a dismissal can be taken back'],
  ['nothing', 'withdraw', asked(), undefined, 'Nothing was dismissed with this sweep'],
  ['a few that are missing, twice', 'dismiss', asked({ asks: [], missing: 2, answers: { loss: 'dismissed' } }), undefined, 'asks nothing'],
])('answers %s (%s)', (_what, act, before, questions, expected) => {
  const outcome = both[act](before, questions);
  const reason = outcome.kind === 'refused' ? outcome.reason : null;
  if (typeof expected === 'string') expect(reason).toMatch(expected);
  else expect(outcome).toMatchObject({ kind: 'changed', state: { answers: expected } satisfies Partial<Answered> });
});

it('lets through what the answered questions are about alone', () => {
  const findings = (questions?: Question[]) => {
    const outcome = letThrough(asked(), questions);
    return outcome.kind === 'changed' && (outcome.effects[0] as { payload?: { findings: string[] } }).payload?.findings;
  };
  expect([findings(), findings(['loss']), findings(['import'])]).toEqual([['ended', 'unknown'], ['ended'], ['unknown']]);
});
