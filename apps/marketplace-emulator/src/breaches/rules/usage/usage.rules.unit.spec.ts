import { aCall, aDelivery, after, anOperation, findings, startMs, subscriptionId } from '../../../testing/facts';
import type { CallEnded } from '../../fact';
import {
  batchTooBig,
  batchUnwrapped,
  usageInFuture,
  usageOfNothing,
  usageOneByOne,
  usageTooOld,
  usageTwice,
  usageWhileSuspended,
} from './usage.rules';

const at = (atMs: number) => new Date(atMs).toISOString();
const event = (changes: object = {}) => ({
  resourceId: subscriptionId,
  quantity: 5,
  dimension: 'emails',
  effectiveStartTime: at(startMs),
  planId: 'base',
  ...changes,
});
const earlier = (quantity: number, messageTime = at(after(1))) => ({ additionalInfo: { acceptedMessage: { quantity, messageTime } } });

const one = (seconds: number, body: object, changes: Partial<CallEnded> = {}) =>
  aCall(seconds, { route: 'postUsageEvent', method: 'POST', body, answer: { status: 'Accepted' }, ...changes });
const refused = (seconds: number, body: object, changes: Partial<CallEnded> = {}) =>
  one(seconds, body, { status: 400, answer: {}, ...changes });
const batch = (seconds: number, events: object[], results: object[] = [], changes: Partial<CallEnded> = {}) =>
  aCall(seconds, { route: 'postBatchUsageEvent', method: 'POST', body: { request: events }, answer: { result: results }, ...changes });

describe('usage of one hour, twice', () => {
  it('is a breach when the quantities differ: alone, in batches and within one batch', () => {
    expect(findings(usageTwice, [one(2, event(), { status: 409, answer: earlier(3) })])).toMatchObject([
      { subscriptionId, done: expect.stringContaining('emails') },
    ]);
    const result = { ...event(), status: 'Duplicate', error: earlier(3) };
    expect(
      findings(usageTwice, [
        batch(2, [event({ dimension: 'texts' }), event()], [{ ...event({ dimension: 'texts' }), status: 'Accepted' }, result]),
      ]),
    ).toHaveLength(1);
    expect(findings(usageTwice, [batch(2, [event({ quantity: 1 }), event({ quantity: 2 })])])).toHaveLength(2);
  });

  it('is none when the same event comes again, when the hours differ, or when a fault answered', () => {
    expect(findings(usageTwice, [one(2, event(), { status: 409, answer: earlier(5) })])).toEqual([]);
    expect(findings(usageTwice, [batch(2, [event(), event({ effectiveStartTime: at(startMs - 3_600_000) })])])).toEqual([]);
    expect(findings(usageTwice, [one(2, event(), { status: 409, answer: earlier(3), faultId: 'f' })])).toEqual([]);
  });

  it('is not compared with an event of before the start, which the publisher may not know of', () => {
    expect(findings(usageTwice, [one(2, event(), { status: 409, answer: earlier(3) })], { sinceMs: after(1.5) })).toEqual([]);
  });
});

describe('usage while suspended', () => {
  const shown = (status: string) => aCall(1, { answer: { id: subscriptionId, saasSubscriptionStatus: status } });

  it('is a breach where the publisher has received the status', () => {
    expect(findings(usageWhileSuspended, [shown('Suspended'), refused(10, event())])).toHaveLength(1);
    const results = [{ ...event(), status: 'ResourceNotActive' }];
    expect(findings(usageWhileSuspended, [shown('Suspended'), batch(10, [event()], results)])).toHaveLength(1);
  });

  it('is none where it has not received it, where it is paid again, or where the usage was taken', () => {
    expect(findings(usageWhileSuspended, [refused(10, event())])).toEqual([]);
    expect(findings(usageWhileSuspended, [shown('Subscribed'), refused(10, event())])).toEqual([]);
    expect(
      findings(usageWhileSuspended, [shown('Suspended'), aDelivery(5, {}, anOperation({ action: 'Reinstate' })), refused(10, event())]),
    ).toEqual([]);
    expect(findings(usageWhileSuspended, [shown('Suspended'), one(10, event())])).toEqual([]);
  });
});

describe('usage of nothing', () => {
  it.each([0, -1])('is a breach: %d', (quantity) => {
    expect(findings(usageOfNothing, [refused(2, event({ quantity })), batch(3, [event(), event({ quantity })])])).toHaveLength(2);
  });

  it('is none of a fraction', () => {
    expect(findings(usageOfNothing, [one(2, event({ quantity: 0.01 })), one(3, event({ quantity: '5' }))])).toEqual([]);
  });
});

describe('usage outside of its window', () => {
  const old = event({ effectiveStartTime: at(startMs - 25 * 3_600_000) });
  const future = event({ effectiveStartTime: at(startMs + 3_600_000) });

  it('is a breach: too old, and of the future', () => {
    expect(findings(usageTooOld, [refused(2, old)])).toMatchObject([{ done: expect.stringContaining('25 hours') }]);
    expect(findings(usageInFuture, [refused(2, future)])).toMatchObject([{ done: expect.stringContaining('1 hours before') }]);
  });

  it('is none inside, or a little ahead', () => {
    for (const hours of [-23.9, 0, 0.05]) {
      const fine = one(2, event({ effectiveStartTime: at(startMs + hours * 3_600_000) }));
      expect([...findings(usageTooOld, [fine]), ...findings(usageInFuture, [fine])]).toEqual([]);
    }
  });

  it('is none where it is in time by one of the two clocks', () => {
    const moved = { atMs: after(2) + 40 * 86_400_000 };
    expect(findings(usageTooOld, [refused(2, event(), moved)])).toEqual([]);
    expect(findings(usageInFuture, [refused(2, future, moved)])).toEqual([]);
  });

  it('is none where Microsoft has delayed it before', () => {
    expect(findings(usageTooOld, [refused(2, old, { status: 503 }), refused(3, old)])).toEqual([]);
    expect(findings(usageTooOld, [refused(2, old, { faultId: 'f' }), refused(3, old)])).toEqual([]);
  });
});

describe('a batch', () => {
  it('of 26 is a breach, and of 25 none', () => {
    expect(
      findings(batchTooBig, [
        batch(
          2,
          Array.from({ length: 26 }, () => event()),
        ),
      ]),
    ).toMatchObject([{ done: expect.stringContaining('26') }]);
    expect(
      findings(batchTooBig, [
        batch(
          2,
          Array.from({ length: 25 }, () => event()),
        ),
      ]),
    ).toEqual([]);
  });

  it.each([[[event()]], [event()], [{ requests: [event()] }]])('without its wrapper is a breach: %j', (body) => {
    expect(findings(batchUnwrapped, [batch(2, [], [], { body })])).toHaveLength(1);
    expect(findings(batchUnwrapped, [batch(2, [event()])])).toEqual([]);
  });
});

describe('usage events one by one', () => {
  const calls = (spacing: number) => Array.from({ length: 25 }, (_, index) => one(index * spacing, event()));

  it('are advice when 25 come within a minute, and nothing when they take longer', () => {
    expect(findings(usageOneByOne, calls(2))).toHaveLength(1);
    expect(findings(usageOneByOne, calls(3))).toEqual([]);
  });
});
