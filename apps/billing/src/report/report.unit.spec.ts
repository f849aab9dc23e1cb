import { usageAnswered, type UsageResult } from '@landfall/contracts';
import { aMessage, aSnapshot } from '@landfall/testing';
import { HOUR_MS, isoOf } from '../ledger/hours';
import { takeAnswer, type ReportedBatch } from './report.domain';

const { subscriptionId, publisherId, offerId } = aSnapshot();
const batchId = '11111111-1111-4111-8111-111111111111';
const hour = Date.parse('2026-05-10T10:00:00Z');
const batch: ReportedBatch = {
  ...{ batchId, before: [] },
  hours: [
    {
      ...{ subscriptionId, publisherId, offerId },
      hour: {
        ...{ dimension: 'email', hour, planId: 'silver', meter: 'emails', quantity: 300_000_000n, state: 'waiting', reason: null },
        ...{
          shares: [{ term: '2026-05-06', quantity: 300_000_000n }],
          effectiveStart: hour,
          deadline: hour + 23 * HOUR_MS,
          notBefore: null,
        },
      },
    },
  ],
};
const answer = (status: UsageResult['status'], unanswered: number) => {
  const event = { subscriptionId, dimension: 'email', planId: 'silver', quantity: '300', effectiveStartTime: isoOf(hour) };
  const said = { usageEventId: null, stored: null, messageTime: null, code: null, reason: null };
  const results = [{ ...event, ...said, status, unanswered }];
  const reportedAt = isoOf(hour + 2 * HOUR_MS);
  return aMessage(usageAnswered({ batchId, publisherId, registration: 'default', requestId: null, reportedAt, results }));
};

it('knows what an hour was before the first of two answers that come in one batch: its units are given back', () => {
  const first = takeAnswer(batch, answer('unsent', 0));
  const second = takeAnswer(first.kind === 'changed' ? first.state : undefined, answer('Expired', 0));
  expect(second).toMatchObject({
    kind: 'changed',
    state: {
      before: [{ state: 'waiting' }],
      hours: [{ hour: { state: 'carried' }, answers: [{ status: 'unsent' }, { status: 'Expired' }] }],
    },
  });
});
