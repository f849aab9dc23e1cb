import { member } from '@landfall/contracts';
import { aRead } from '../testing/samples';
import { isTooLate, missingOf, READ_LIMIT_MS } from './observation.domain';

it('names the wanted members that an answer left out', () => {
  const whole = aRead({ purchasedAt: '2026-02-14T00:07:14.962Z', privateOfferId: 'private-1' });
  expect(missingOf({ members: member.options }, whole)).toEqual([]);
  const { subscriptionId } = whole.snapshot;
  expect(missingOf({ members: member.options }, { ...whole, snapshot: { subscriptionId } })).toEqual(member.options);
});

it('takes a term that does not say when it began for left out', () => {
  expect(missingOf({ members: ['term'] }, aRead({ term: { termUnit: 'P1M' } }))).toEqual(['term']);
  expect(missingOf({ members: ['term'] }, aRead({ term: { startDate: '2026-02-14' } }))).toEqual([]);
  expect(missingOf({ members: ['term'] }, aRead({ status: 'Unsubscribed', term: { termUnit: 'P1M' } }))).toEqual([]); // it ended before it was activated
});

it('gives up ten minutes after the read was due, not after it was ordered', () => {
  expect(isTooLate({ afterMs: 150_000 }, READ_LIMIT_MS + 149_999)).toBe(false);
  expect(isTooLate({ afterMs: 150_000 }, READ_LIMIT_MS + 150_000)).toBe(true);
});
