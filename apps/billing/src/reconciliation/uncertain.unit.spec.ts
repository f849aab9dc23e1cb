import fc from 'fast-check';
import { HOUR_MS } from '../ledger/hours';
import type { BilledHour } from '../ledger/ledger';
import { microsOf } from '../ledger/micros';
import { decidedByList, SHOWN_AFTER_MS, UNCERTAIN, UNDECIDED } from './uncertain.domain';

/** So that what fails for one commit fails again for it. */
fc.configureGlobal({ seed: 1 });

const day = Date.parse('2026-05-10');
const listedAt = day + 47 * HOUR_MS + SHOWN_AFTER_MS;
const anHour = (hour: number, quantity: string, state: BilledHour['state'] = 'uncertain', reason: string | null = null): BilledHour => ({
  ...{ dimension: 'email', hour: day + hour * HOUR_MS, planId: 'silver', meter: 'emails', quantity: microsOf(quantity) },
  shares: [{ term: '2026-05-06', quantity: microsOf(quantity) }],
  ...{ state, effectiveStart: day + hour * HOUR_MS, deadline: day + (hour + 23) * HOUR_MS, notBefore: null, reason },
});
const listed = (quantity: string, count: number) => ({ quantity: microsOf(quantity), count });
const states = (hours: readonly BilledHour[], quantity: string, count: number, at = listedAt) =>
  decidedByList(hours, listed(quantity, count), at).map(({ state, reason }) => reason ?? state);

it('accepts an uncertain hour where the day’s sum and count agree with it, and carries it where they agree without it', () => {
  const hours = [anHour(9, '300', 'accepted'), anHour(10, '40.5')];
  expect(states(hours, '340.5', 2)).toEqual(['accepted']);
  expect(states(hours, '300', 1)).toEqual(['carried']);
});

it('takes a day that Microsoft’s list does not have for one on which nothing came', () => {
  expect(states([anHour(10, '40.5')], '0', 0)).toEqual(['carried']);
});

it.each([
  ['a sum that no set of hours explains', '310', 2],
  ['a sum that agrees where the count does not', '340.5', 3],
  ['a list that lacks what was accepted', '0', 0],
])('leaves it to an operator: %s', (_case, quantity, count) => {
  expect(states([anHour(9, '300', 'accepted'), anHour(10, '40.5')], quantity, count)).toEqual([UNDECIDED]);
});

it('decides nothing about a day on which another system reported as well', () => {
  const [decision] = decidedByList([anHour(10, '300')], listed('300', 1), listedAt, true);
  expect(decision).toMatchObject({ state: 'uncertain', reason: UNDECIDED });
});

it('decides nothing before Microsoft’s list is three days newer than the last attempt may be', () => {
  const hours = [anHour(10, '40.5')];
  const last = hours[0]!.deadline + SHOWN_AFTER_MS;
  expect(states(hours, '0', 0, last - 1)).toEqual([]);
  expect(states(hours, '0', 0, last)).toEqual(['carried']);
});

it('tells several hours apart by their quantities', () => {
  expect(states([anHour(8, '10'), anHour(9, '20'), anHour(10, '30')], '20', 1)).toEqual(['carried', 'accepted', 'carried']);
  expect(states([anHour(8, '10'), anHour(9, '20'), anHour(10, '31')], '41', 2)).toEqual(['accepted', 'carried', 'accepted']);
});

it('decides only what is so in every set of hours that explains the list', () => {
  expect(states([anHour(8, '10'), anHour(9, '10'), anHour(10, '30')], '40', 2)).toEqual([UNDECIDED, UNDECIDED, 'accepted']);
  expect(states([anHour(8, '10'), anHour(9, '20'), anHour(10, '30')], '30', 1)).toEqual(['carried', 'carried', 'accepted']);
  expect(states([anHour(8, '10'), anHour(9, '20'), anHour(10, '15'), anHour(11, '15')], '30', 2)).toEqual(Array(4).fill(UNDECIDED));
});

it('counts with what still waits for its answer, and with what was written off while it was uncertain', () => {
  const waiting = anHour(12, '40.5', 'waiting');
  expect(states([anHour(10, '40.5'), waiting], '40.5', 1)).toEqual([UNDECIDED]);
  expect(states([anHour(10, '40.5'), anHour(12, '40.5', 'written-off', UNCERTAIN)], '40.5', 1)).toEqual([UNDECIDED]);
  expect(states([anHour(10, '40.5'), anHour(12, '40.5', 'written-off', 'anomaly')], '40.5', 1)).toEqual(['accepted']);
});

it('decides about a whole day of uncertain hours where Microsoft has all of them, or none, and tells an operator once otherwise', () => {
  const hours = Array.from({ length: 24 }, (_, hour) => anHour(hour, String(hour + 1)));
  expect(new Set(states(hours, '300', 24))).toEqual(new Set(['accepted']));
  expect(new Set(states(hours, '0', 0))).toEqual(new Set(['carried']));
  expect(new Set(states(hours, '150', 12))).toEqual(new Set([UNDECIDED]));
  expect(decidedByList([anHour(10, '40.5', 'uncertain', UNDECIDED)], listed('1', 1), listedAt)).toEqual([]);
});

it('never decides otherwise than it was, whatever of 12 hours Microsoft has', () => {
  const hour = fc.record({ quantity: fc.integer({ min: 1, max: 6 }), isThere: fc.boolean() });
  fc.assert(
    fc.property(fc.array(hour, { minLength: 1, maxLength: 12 }), (drawn) => {
      const hours = drawn.map(({ quantity }, place) => anHour(place, String(quantity)));
      const there = drawn.filter(({ isThere }) => isThere);
      const sum = there.reduce((total, { quantity }) => total + quantity, 0);
      for (const found of decidedByList(hours, listed(String(sum), there.length), listedAt)) {
        const { isThere } = drawn[new Date(found.hour).getUTCHours()]!;
        if (found.state !== 'uncertain') expect(found.state).toBe(isThere ? 'accepted' : 'carried');
      }
    }),
    { numRuns: 2_000 },
  );
});
