import { fact, Scene } from '../testing/ledger.scene';
import { changedFrom, timelineOf } from './timeline';

const monthly = { termUnit: 'P1M', startDate: '2026-06-06', endDate: '2026-07-05' };
const yearly = { termUnit: 'P1Y', startDate: '2026-06-06', endDate: '2027-06-05' };

describe('a renewal (included 1,000 a month, 12,000 a year)', () => {
  it('that is told of after it was read does not move the beginning of the plan: what was used before it stays charged', () => {
    const pending = fact(1, '2026-05-06T08:00:00Z', { status: 'PendingFulfillmentStart', term: null });
    const scene = new Scene({ facts: [pending, fact(2, '2026-05-06T09:00:00Z')] }).used('2026-05-20T10:20:00Z', 1300);
    expect(scene.run('2026-05-20T10:00:00Z', '2026-05-20T12:00:00Z')).toEqual(['05-20T10 silver email 300']);
    scene.learns(fact(3, '2026-06-06T03:10:00Z', { term: monthly }));
    scene.learns(fact(4, '2026-06-06T00:00:30Z', { term: monthly, isExplanation: true }));
    scene.used('2026-06-06T10:20:00Z', 1300);
    expect(scene.run('2026-06-06T10:00:00Z', '2026-06-06T12:00:00Z')).toEqual(['06-06T10 silver email 300']);
  });

  it('to a term of another length than the one before includes what that length does, also where it is read after its first use', () => {
    const scene = new Scene().used('2026-06-06T10:20:00Z', 5_000);
    scene.learns(fact(2, '2026-06-06T00:00:00Z', { term: yearly }));
    expect(scene.run('2026-06-06T10:00:00Z', '2026-06-06T13:00:00Z')).toEqual([]);
    expect(scene.ledger.accounts).toMatchObject([{ term: '2026-06-06', termUnit: 'P1Y', endDate: '2027-06-05' }]);
  });
});

it('rates all anew when the first term becomes known: what was used before its midnight counts in it', () => {
  const untermed = fact(1, '2026-06-05T23:50:00Z', { term: null });
  const known = timelineOf([untermed, fact(2, '2026-06-06T00:10:00Z', { term: monthly })]);
  expect(changedFrom(timelineOf([untermed]), known)).toBeLessThan(Date.parse('2026-06-05T23:50:00Z'));
});

it('takes the beginning of a plan from what explains it', () => {
  const seen = [fact(1, '2026-05-06T09:00:00Z'), fact(2, '2026-05-10T14:00:00Z', { planId: 'gold' })];
  const explained = fact(3, '2026-05-10T13:40:00Z', { planId: 'gold', isExplanation: true });
  expect(timelineOf([...seen, explained]).segments.map(({ from }) => new Date(from).toISOString().slice(5, 16))).toEqual([
    '05-06T09:00',
    '05-10T13:40',
  ]);
});
