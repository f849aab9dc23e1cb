import { usageAnswered, type UsageResult } from '@landfall/contracts';
import { aMessage } from '@landfall/testing';
import { HOUR_MS, isoOf } from '../ledger/hours';
import type { BilledHour } from '../ledger/ledger';
import { batchesOf, takeAnswer, type ReportedHour } from './report.domain';

const at = Date.parse('2026-05-10T10:00:00Z');
const [batchId, subscriptionId] = ['0f0f0f0f-0000-4000-8000-000000000001', '0f0f0f0f-0000-4000-8000-000000000002'];

const billed = (differing: Partial<BilledHour> = {}): BilledHour => ({
  ...{ dimension: 'email', hour: at, planId: 'silver', meter: 'emails', quantity: 300_000_000n, state: 'waiting' },
  ...{ shares: [{ term: '2026-05-06', quantity: 300_000_000n }], effectiveStart: at, deadline: at + 23 * HOUR_MS },
  ...{ notBefore: null, reason: null, ...differing },
});
const reported = (hour = billed(), publisherId = 'contoso'): ReportedHour => ({ subscriptionId, publisherId, offerId: 'reach', hour });

it('forms batches of at most 25 events of one publisher, the nearest deadlines together', () => {
  const deadlines = Array.from({ length: 30 }, (_, place) => (place * 7) % 30); // in no order
  const hours = deadlines.map((deadline) => reported(billed({ deadline })));
  let ids = 0;
  const batches = batchesOf([...hours, reported(billed({ deadline: 3 }), 'fabrikam')], () => String((ids += 1)));
  expect(batches.map(({ publisherId, hours: some }) => [publisherId, some.length, some[0]!.hour.deadline])).toEqual([
    ['contoso', 25, 0],
    ['contoso', 5, 25],
    ['fabrikam', 1, 3],
  ]);
  expect(new Set(batches.map((batch) => batch.batchId)).size).toBe(3);
});

it('never gives an hour the deadline of one that ends more than an hour before it', () => {
  const deadlines = [0, HOUR_MS / 2, HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS, 20 * HOUR_MS];
  const batches = batchesOf(
    deadlines.map((deadline) => reported(billed({ deadline }))),
    () => batchId,
  );
  expect(batches.map(({ hours }) => hours.map(({ hour }) => hour.deadline))).toEqual([
    [0, HOUR_MS / 2, HOUR_MS],
    [HOUR_MS + 1, 2 * HOUR_MS],
    [20 * HOUR_MS],
  ]);
});

const resultOf = (differing: Partial<UsageResult> = {}): UsageResult => ({
  ...{ subscriptionId, dimension: 'email', planId: 'silver', quantity: '300', effectiveStartTime: isoOf(at), status: 'Accepted' },
  ...{ unanswered: 0, usageEventId: null, stored: null, messageTime: null, code: null, reason: null },
  ...differing,
});
const answered = (hours: readonly ReportedHour[], ...results: UsageResult[]) =>
  takeAnswer(
    { batchId, hours, before: [] },
    aMessage(
      usageAnswered({
        batchId,
        publisherId: 'contoso',
        registration: 'default',
        requestId: null,
        reportedAt: isoOf(at + HOUR_MS),
        results,
      }),
    ),
  );

it('tells that Microsoft has more than was used, and takes what it has for reported', () => {
  const stored = { usageEventId: null, quantity: '400', planId: 'silver' };
  expect(answered([reported()], resultOf({ status: 'Duplicate', stored }))).toMatchObject({
    state: { hours: [{ hour: { state: 'accepted', quantity: 400_000_000n } }] },
    effects: [
      { type: 'landfall.billing.usage-reported.v1', data: { quantity: '400' } },
      { type: 'landfall.billing.usage-over-reported.v1', data: { ours: '300', theirs: '400' } },
    ],
  });
});

it('tells no excess where Microsoft has less: the rest is due again', () => {
  const stored = { usageEventId: null, quantity: '200', planId: 'silver' };
  const outcome = answered([reported()], resultOf({ status: 'Duplicate', stored }));
  expect(outcome).toMatchObject({ state: { hours: [{ hour: { shares: [{ quantity: 200_000_000n }] } }] } });
  expect(outcome.effects).toHaveLength(1);
});

it.each([
  ['another subscription', { subscriptionId: batchId }],
  ['another dimension', { dimension: 'email-next' }],
  ['another plan, as before a plan change', { planId: 'gold' }],
  ['another hour', { effectiveStartTime: isoOf(at + HOUR_MS) }],
])('leaves an hour alone of which an answer says nothing: it is about %s', (_what, differing) => {
  expect(answered([reported()], resultOf(differing))).toMatchObject({ state: { hours: [{ hour: { state: 'waiting' } }] }, effects: [] });
});

it('finds the results in whatever order they come', () => {
  const later = reported(billed({ hour: at + HOUR_MS, effectiveStart: at + HOUR_MS + 60_000 }));
  const first = resultOf({ effectiveStartTime: isoOf(at + HOUR_MS + 60_000), status: 'Expired' });
  expect(answered([reported(), later], first, resultOf())).toMatchObject({
    state: {
      hours: [{ hour: { state: 'accepted' } }, { hour: { state: 'carried' } }],
      before: [{ state: 'waiting' }, { state: 'waiting' }],
    },
  });
});

it('ignores an answer about what nobody handed over', () => {
  const message = aMessage(
    usageAnswered({ batchId, publisherId: 'contoso', registration: null, requestId: null, reportedAt: isoOf(at), results: [resultOf()] }),
  );
  expect(takeAnswer(undefined, message)).toMatchObject({ kind: 'ignored' });
});
