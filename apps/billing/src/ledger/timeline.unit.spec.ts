import { fact, Scene } from '../testing/ledger.scene';
import { changedFrom, factOf, timelineOf } from './timeline';

const monthly = { termUnit: 'P1M', startDate: '2026-06-06', endDate: '2026-07-05' };
const yearly = { termUnit: 'P1Y', startDate: '2026-06-06', endDate: '2027-06-05' };

/** As an `updated` event tells it, that says since when what was read before is true. */
const explained = (version: number, effectiveAt: string, differing: object = {}) =>
  factOf('landfall.subscription.updated.v1', {
    ...{ version, status: 'Subscribed', planId: 'silver', isFreeTrial: false, term: { ...monthly, chargeDuration: null } },
    ...{ effectiveAt, observedAt: '2026-06-10T00:00:00Z', imported: false, cause: { source: 'webhook' }, ...differing },
  } as never);
const beginnings = (...facts: Parameters<typeof timelineOf>[0]) =>
  timelineOf(facts).segments.map(({ status, planId, from }) => `${planId} ${status} ${new Date(from).toISOString().slice(5, 16)}`);

describe('a renewal (included 1,000 a month, 12,000 a year)', () => {
  it('that is told of after it was read does not move the beginning of the plan: what was used before it stays charged', () => {
    const pending = fact(1, '2026-05-06T08:00:00Z', { status: 'PendingFulfillmentStart', term: null });
    const scene = new Scene({ facts: [pending, fact(2, '2026-05-06T09:00:00Z')] }).used('2026-05-20T10:20:00Z', 1300);
    expect(scene.run('2026-05-20T10:00:00Z', '2026-05-20T12:00:00Z')).toEqual(['05-20T10 silver email 300']);
    scene.learns(fact(3, '2026-06-06T03:10:00Z', { term: monthly }));
    scene.learns(explained(4, '2026-06-06T00:00:30Z'));
    scene.used('2026-06-06T10:20:00Z', 1300);
    expect(scene.run('2026-06-06T10:00:00Z', '2026-06-06T12:00:00Z')).toEqual(['06-06T10 silver email 300']);
  });

  it('that explains a record whose plan was only read moves that plan’s beginning no more than any other', () => {
    const read = fact(2, '2026-06-06T05:00:00Z', { planId: 'gold', term: monthly });
    const seen = ['silver Subscribed 05-06T09:00', 'gold Subscribed 06-06T05:00'];
    expect(beginnings(fact(1, '2026-05-06T09:00:00Z'), read, explained(3, '2026-06-06T00:00:30Z', { planId: 'gold' }))).toEqual(seen);
  });

  it('does not move the beginning of a suspension that was only read, either', () => {
    const suspended = { status: 'Suspended' } as const;
    const facts = [fact(1, '2026-05-06T09:00:00Z'), fact(2, '2026-06-06T05:00:00Z', suspended)];
    const at = '2026-06-06T00:00:30Z';
    expect(beginnings(...facts, explained(3, at, suspended)).at(-1)).toBe('silver Suspended 06-06T05:00');
    expect(beginnings(...facts, explained(3, at, { ...suspended, graceEndsAt: '2026-07-06T00:00:30Z' })).at(-1)).toBe(
      'silver Suspended 06-06T00:00',
    );
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
