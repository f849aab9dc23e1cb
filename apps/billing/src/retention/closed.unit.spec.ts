import { timelineOf } from '../ledger/timeline';
import { fact, Scene } from '../testing/ledger.scene';
import { closedTerms } from './closed.domain';

const june = { termUnit: 'P1M', startDate: '2026-06-06', endDate: '2026-07-05' };
const afterMay = Date.parse('2026-06-06');
const may = [{ meter: 'emails', term: '2026-05-06' }];
const closed = ({ ledger: { accounts, timeline } }: Scene, before = afterMay) => closedTerms(accounts, timeline, before);

/** 1,300 used in May of which 300 are charged, and 10 in June. */
function life(): Scene {
  const scene = new Scene().used('2026-05-10T10:20:00Z', 1_300);
  scene.run('2026-05-10T10:00:00Z', '2026-05-10T12:00:00Z');
  return scene.learns(fact(2, '2026-06-06T00:00:00Z', { term: june })).used('2026-06-10T10:20:00Z', 10);
}

it('is closed once it has ended and nothing of it is due', () => {
  expect(closed(life())).toEqual(may);
  expect(closed(life(), afterMay - 1)).toEqual([]);
});

it.each([
  ['a fraction of a cent is due', 1],
  ['there is a credit', -200],
])('is open as long as %s', (_what, more) => expect(closed(life().used('2026-05-11T10:20:00Z', more))).toEqual([]));

it('is open as long as it waits in another plan, since an hour may have parts of both', () => {
  const scene = life().learns(fact(3, '2026-06-05T10:00:00Z', { planId: 'gold' }));
  expect(closed(scene.used('2026-06-05T12:20:00Z', 10_001))).toEqual([]);
});

it('is open as long as nobody knows what it includes', () => {
  const scene = new Scene({ rates: {} }).used('2026-05-10T10:20:00Z', 5).learns(fact(2, '2026-06-06T00:00:00Z', { term: june }));
  expect(closed(scene)).toEqual([]);
});

it('is closed whatever is left of it, where its subscription ended as long ago', () => {
  const scene = life().used('2026-05-11T10:20:00Z', -200);
  const ended = [fact(1, '2026-05-06T09:00:00Z'), fact(2, '2026-05-20T00:00:00Z', { status: 'Unsubscribed' })];
  expect(closedTerms(scene.ledger.accounts, timelineOf(ended), afterMay)).toEqual(may);
});
