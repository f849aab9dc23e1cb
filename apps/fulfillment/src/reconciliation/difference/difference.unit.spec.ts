import { randomUUID } from 'node:crypto';
import type { Message } from '@landfall/contracts';
import type { Keeper, Leftover } from './difference';
import { follow, isSame } from './difference.domain';

const [subscriptionId, missedIn] = [randomUUID(), randomUUID()];
const [missingSince, now] = ['2026-03-01T12:00:00.000Z', '2026-03-01T12:30:00.000Z'];
const leftover = (differing: Partial<Leftover> = {}): Leftover => ({
  ...{
    subscriptionId,
    status: 'Subscribed',
    finding: null,
    keepers: [],
    answeredIn: null,
    answeredAs: null,
    isDismissed: false,
    missed: 0,
    missedIn: null,
    missingSince: null,
  },
  ...{ mayBeMissing: false, told: null, now },
  ...differing,
});
const missing = (differing: Partial<Leftover> = {}) => leftover({ missed: 3, missedIn, missingSince, ...differing });
const keeper = (differing: Partial<Keeper> = {}): Keeper => ({
  id: randomUUID(),
  state: 'complete',
  hasFound: (differing.state ?? 'complete') === 'complete',
  asks: ['loss'],
  answers: {},
  ...differing,
});
const ended = (keepers: readonly Keeper[], differing: Partial<Leftover> = {}) => leftover({ finding: 'ended', keepers, ...differing });
const open = keeper();

const told = (before: Leftover) =>
  follow(before).effects.map((effect) => {
    const { type, data } = effect as Message & { data: { difference: string; end?: string } };
    return [type.split('.')[2], data.difference, ...(data.end ? [data.end] : [])];
  });

it.each<[string, Leftover, string[][]]>([
  ['nothing', leftover(), []],
  ['missing in two sweeps', missing({ missed: 2 }), []],
  ['missing in three', missing(), [['difference-found', 'missing']]],
  ['missing in more, and told', missing({ missed: 9, told: 'missing' }), []],
  ['missing, and an operator has said that it may be', missing({ mayBeMissing: true }), []],
  ['missing, told, and dismissed since', missing({ mayBeMissing: true, told: 'missing' }), [['difference-ended', 'missing', 'dismissed']]],
  ['missing, told, and listed again', leftover({ told: 'missing' }), [['difference-ended', 'missing', 'shown-again']]],
  ['missing, told, and ended in the record', missing({ told: 'missing', status: 'Unsubscribed' }), []],
  ['ended, and an operator is asked', ended([open]), [['difference-found', 'guarded']]],
  ['ended, and nobody is asked', ended([keeper({ asks: [] })]), []],
  ['ended in a sweep that is under way', ended([keeper({ state: 'running', asks: [] })]), []],
  ['ended, told, and asked about by a newer sweep', ended([keeper()], { told: 'guarded' }), []],
  ['ended, told, and few enough by now', ended([keeper({ asks: [] })], { told: 'guarded' }), []],
  ['ended, told, released and not handed over', ended([keeper({ answers: { loss: 'released' } })], { told: 'guarded' }), []],
  ['ended, told, and handed over', leftover({ told: 'guarded' }), [['difference-ended', 'guarded', 'shown-again']]],
  [
    'ended, told, and dismissed',
    ended([keeper({ answers: { loss: 'dismissed' } })], { told: 'guarded' }),
    [['difference-ended', 'guarded', 'dismissed']],
  ],
  ['missing, dismissed, and taken back', missing({ answeredIn: randomUUID(), answeredAs: 'ended' }), [['difference-found', 'missing']]],
  [
    'ended, dismissed, and taken back before that was marked',
    ended([keeper({ answers: { loss: 'withdrawn' } })], { told: 'guarded' }),
    [['difference-ended', 'guarded', 'shown-again']],
  ],
  [
    'not ended any more',
    ended([keeper({ answers: { loss: 'superseded' } })], { told: 'guarded' }),
    [['difference-ended', 'guarded', 'shown-again']],
  ],
  [
    'missing, told, and then ended',
    ended([open], { told: 'missing' }),
    [
      ['difference-ended', 'missing', 'shown-again'],
      ['difference-found', 'guarded'],
    ],
  ],
])('tells of what is %s', (_what, before, messages) => {
  expect(told(before)).toEqual(messages);
  const { leftover: after } = follow(before);
  expect([told(after), isSame(after, follow(after).leftover)]).toEqual([[], true]); // once
});

it('says since when, and by which sweep', () => {
  expect(follow(missing()).effects).toMatchObject([
    { data: { subscriptionId, reconciliationId: missedIn, since: missingSince, foundAt: now } },
  ]);
  expect(follow(ended([keeper({ state: 'running', asks: [] }), open])).effects).toMatchObject([
    { data: { reconciliationId: open.id, since: now } },
  ]);
});

describe('what is kept back', () => {
  const after = (keepers: readonly Keeper[]) => follow(ended(keepers)).leftover;

  it('stays with the sweep whose question is open, where one that found it again has not come to its end', () => {
    expect(after([keeper({ state: 'incomplete', asks: [] }), open])).toMatchObject({ finding: 'ended', keepers: [open] });
    expect(after([keeper({ state: 'incomplete', asks: [] })])).toMatchObject({ finding: null, keepers: [] });
  });

  it('stays with a sweep that has not come to its end, where what it found counts', () => {
    expect(after([keeper({ state: 'incomplete', hasFound: true })])).toMatchObject({ finding: 'ended' });
  });

  it.each(['dismissed', 'superseded', 'withdrawn'] as const)(
    'waits to be handed over where the sweep did not ask about it, and what it asked is %s',
    (answer) => {
      expect(after([keeper({ asks: ['import'], answers: { import: answer } })])).toMatchObject({ finding: 'ended', isDismissed: false });
    },
  );

  it('is dismissed where any of its sweeps was, and marked so', () => {
    const dismissed = keeper({ answers: { loss: 'dismissed' } });
    const marked = { finding: null, keepers: [], answeredIn: dismissed.id, answeredAs: 'ended', isDismissed: true };
    expect(after([keeper({ state: 'running' }), dismissed])).toMatchObject(marked);
  });
});
