import { reportUsage, type DataOf, type UsageEvent } from '@landfall/contracts';
import type { UsageEventResult } from '@landfall/marketplace-client';
import { aMessage } from '@landfall/testing';
import fc from 'fast-check';
import { microsoftJobLimits } from '../../job.limits';
import { afterCall, afterCrash, answerToBilling, nextStep, orderReport, untilNextMs, type CallEnd, type EndedCall } from './batch.domain';
import { reportBatch } from './report.job';
import { isOpen, newBatch, type UsageBatch } from './usage.batch';

fc.configureGlobal({ seed: 1 });

const batchId = '10000000-0000-4000-8000-000000000001';
const requestId = '20000000-0000-4000-8000-000000000001';
const deadline = '2026-03-02T09:00:00.000Z';
const now = new Date('2026-03-01T12:00:00.000Z');
const late = new Date(deadline);

const anEvent = (dimension: string, differing: Partial<UsageEvent> = {}): UsageEvent => ({
  ...{ subscriptionId: '30000000-0000-4000-8000-000000000001', dimension, planId: 'gold', quantity: '1.5' },
  ...{ effectiveStartTime: '2026-03-01T10:00:00.000Z' },
  ...differing,
});
const order = (...events: UsageEvent[]): DataOf<typeof reportUsage> => ({ batchId, publisherId: 'contoso', deadline, events });
const aBatch = (count = 3) => newBatch(order(...Array.from({ length: count }, (_, place) => anEvent(`d${place}`))));
const resultOf = (event: UsageEvent, differing: Partial<UsageEventResult> = {}): UsageEventResult => ({
  ...event,
  ...{ status: 'Accepted', usageEventId: requestId, messageTime: null, stored: null, code: null, message: null },
  ...differing,
});
const answered = (...results: UsageEventResult[]): CallEnd => ({ kind: 'answered', answer: { results } });
const bad = { status: 'BadArgument', usageEventId: null, stored: null, messageTime: null, code: 'BadArgument', reason: 'bad' } as const;
const refused: CallEnd = { kind: 'refused', answer: bad };
const silent: CallEnd = { kind: 'unanswered', why: 'cut' };
const undone: CallEnd = { kind: 'undone', why: 'too fast' };

/** The batch after a call for its next part, in which all of it went. */
function called(batch: UsageBatch, end: CallEnd): UsageBatch {
  const step = nextStep(batch, now);
  if (step.next === 'end') throw new Error('the batch has ended');
  return afterCall(batch, { events: step.part.events, requestIds: [requestId], unsent: null, registration: 'default', end });
}
const resultsOf = (batch: UsageBatch) => answerToBilling(batch, now).data.results;
const sentNext = (batch: UsageBatch) => {
  const step = nextStep(batch, now);
  return step.next === 'send' ? step.part.events : 'end';
};

/** That of every call that names none, `DEFAULT_TIMEOUT_MS` of the client. */
const callLimitMs = 10_000;

describe('a batch that is handed over', () => {
  it('is taken from a copy that is cut off from the database only once its call is over', () => {
    const renewedEachMs = microsoftJobLimits.leaseMs / 3; // the shortest lease of the service says how often all are renewed
    expect(reportBatch.limits.leaseMs - renewedEachMs).toBeGreaterThan(callLimitMs);
  });

  const message = aMessage(reportUsage(order(anEvent('d0'))), { time: now.toISOString() });

  it('is taken up once, by a job that goes before those with a later deadline', () => {
    const outcome = orderReport(undefined, message);
    expect(outcome).toMatchObject({ kind: 'changed', state: { batchId, parts: [{ events: [0], tries: 0 }] }, effects: [{ deadline }] });
    const known = aBatch(1);
    expect(orderReport(known, message)).toMatchObject({ kind: 'ignored', effects: [{ key: `usage:${batchId}` }] });
    expect(orderReport({ ...known, answeredAt: deadline }, message)).toMatchObject({ kind: 'ignored', effects: [] });
  });

  it('is the same batch for ever: nothing else is sent under its id', () => {
    const other = aMessage(reportUsage(order(anEvent('d0', { quantity: '2' }))), { time: now.toISOString() });
    expect(orderReport(aBatch(1), other)).toMatchObject({ kind: 'ignored', reason: expect.stringContaining('another'), effects: [] });
  });
});

it('matches results by subscription, dimension, hour and plan, in any order, and takes what is left out as unanswered', () => {
  const events = [
    anEvent('d0'),
    anEvent('d0', { effectiveStartTime: '2026-03-01T11:00:00Z' }),
    anEvent('d0', { subscriptionId: '30000000-0000-4000-8000-000000000002' }),
    anEvent('d1'),
  ];
  const results = [
    resultOf(events[2]!, { usageEventId: null }),
    resultOf(events[1]!, { effectiveStartTime: '2026-03-01T11:59:59.999Z', status: 'Expired' }),
    resultOf(events[0]!, { planId: null }),
    resultOf(anEvent('d2')),
    resultOf(events[3]!, { planId: 'silver' }),
  ];
  const batch = called(newBatch(order(...events)), answered(...results));
  expect(resultsOf(batch)).toMatchObject([
    { ...events[0], status: 'Accepted', usageEventId: requestId, unanswered: 0 },
    { ...events[1], status: 'Expired' },
    { ...events[2], status: 'Accepted', usageEventId: null },
    { ...events[3], status: null, unanswered: 1, reason: expect.stringContaining('says nothing of it') },
  ]);
  expect(sentNext(batch)).toEqual([3]);
});

it('repeats what Microsoft called an error, alone and unchanged, and what it was not answered about', () => {
  const batch = aBatch(3);
  const [first, second] = batch.events;
  const after = called(batch, answered(resultOf(first!), resultOf(second!, { status: 'Error' })));
  expect(sentNext(after)).toEqual([1, 2]);
  expect(resultsOf(called(after, silent))).toMatchObject([
    { status: 'Accepted', unanswered: 0 },
    { status: 'Error', unanswered: 1 },
    { status: null, unanswered: 2 },
  ]);
});

it('shows of a duplicate what is stored, in our digits', () => {
  const batch = aBatch(2);
  const stored = { ...batch.events[0]!, usageEventId: requestId, quantity: '0.30000000000000004' };
  const results = batch.events.map((event) => resultOf(event, { status: 'Duplicate', usageEventId: null, stored }));
  results[1] = { ...results[1]!, stored: { ...stored, quantity: '1'.repeat(19) } };
  expect(resultsOf(called(batch, answered(...results)))).toMatchObject([
    { status: 'Duplicate', stored: { quantity: '0.3', usageEventId: requestId, planId: 'gold' } },
    { status: 'Duplicate', stored: null },
  ]);
});

it('halves a batch that is refused as a whole until the fault stands alone', () => {
  let batch = aBatch(25);
  const calls: (readonly number[])[] = [];
  for (let next = sentNext(batch); typeof next !== 'string'; next = sentNext(batch)) {
    const sent = next;
    calls.push(sent);
    batch = called(batch, sent.includes(7) ? refused : answered(...sent.map((place) => resultOf(batch.events[place]!))));
  }
  const results = resultsOf(batch);
  expect(results.map(({ status }) => status).filter((status) => status !== 'Accepted')).toEqual(['BadArgument']);
  expect(results[7]).toMatchObject({ status: 'BadArgument', code: 'BadArgument', reason: 'bad', unanswered: 0 });
  expect(calls.length).toBeLessThanOrEqual(11);
});

it.each([
  ['silence', silent, { status: null, unanswered: 2, reason: 'cut' }],
  ['a refusal to let us in, or to be so fast', undone, { status: 'unsent', unanswered: 0, reason: 'too fast' }],
])('says after %s until the deadline whether Microsoft can have the event', (_what, end, expected) => {
  const batch = called(called(aBatch(1), end), end);
  expect(nextStep(batch, new Date(late.getTime() - 1)).next).toBe('send');
  expect(nextStep(batch, late).next).toBe('end');
  expect(resultsOf(batch)).toMatchObject([expected]);
});

it('names the last call that may have left, and none where none did', () => {
  const nothing = { events: [0], requestIds: [], unsent: null, registration: null, end: undone };
  expect(answerToBilling(afterCall(aBatch(1), nothing), now).data).toMatchObject({ requestId: null, registration: null });
  const unsent = { ...nothing, requestIds: [requestId], unsent: requestId, registration: 'default' };
  expect(answerToBilling(afterCall(aBatch(1), unsent), now).data).toMatchObject({ requestId: null });
  const forbidden = { ...unsent, unsent: null };
  expect(answerToBilling(afterCall(aBatch(1), forbidden), now).data).toMatchObject({
    requestId,
    registration: 'default',
    reportedAt: now.toISOString(),
  });
});

describe('an attempt in flight that nobody saw an answer of', () => {
  const inFlight = { requestId, events: [0, 2] };

  it('counts as unanswered', () => {
    const batch = afterCrash({ ...aBatch(3), inFlight });
    expect(batch.inFlight).toBeNull();
    expect(batch.progress.map(({ unanswered }) => unanswered)).toEqual([1, 0, 1]);
    expect(afterCrash(batch)).toBe(batch);
  });

  it('counts so beside the answer to another', () => {
    const batch = { ...aBatch(3), inFlight };
    const call: EndedCall = {
      events: [0, 1, 2],
      requestIds: [batchId],
      unsent: null,
      registration: 'default',
      end: answered(...batch.events.map((event) => resultOf(event))),
    };
    expect(resultsOf(afterCall(batch, call))).toMatchObject([{ status: 'Accepted', unanswered: 1 }, { unanswered: 0 }, { unanswered: 1 }]);
  });
});

describe('until the next call', () => {
  it('passes nothing where a part was not tried yet, and more and more where it was', () => {
    expect(untilNextMs(called(aBatch(4), refused), refused, now)).toBe(0);
    const waits = [1, 2, 3, 12].map((calls) => {
      let batch = aBatch(1);
      for (let call = 0; call < calls; call += 1) batch = called(batch, silent);
      return untilNextMs(batch, silent, now);
    });
    expect(waits).toEqual([2_000, 4_000, 8_000, 300_000]);
  });

  it('passes what Microsoft asks for, and never more than what is left until the deadline', () => {
    expect(untilNextMs(called(aBatch(4), refused), { afterMs: 7_000 }, now)).toBe(7_000);
    expect(untilNextMs(called(aBatch(1), silent), { afterMs: 7_000 }, new Date(late.getTime() - 10))).toBe(10);
    expect(untilNextMs(called(aBatch(1), answered(...aBatch(1).events.map((event) => resultOf(event)))), { afterMs: 7_000 }, now)).toBe(0);
  });
});

it('keeps each event in exactly one part until it was answered, whatever happens, and counts each unanswered attempt', () => {
  const kinds = fc.constantFrom('accept', 'error', 'leave out', 'silent', 'undone', 'refused', 'crash');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 25 }), fc.array(kinds, { maxLength: 40 }), (count, happenings) => {
      let batch = aBatch(count);
      const unanswered = batch.events.map(() => 0);
      const missed = (places: readonly number[]) => places.forEach((place) => (unanswered[place]! += 1));
      for (const [index, happening] of happenings.entries()) {
        const sent = sentNext(batch);
        if (sent === 'end') break;
        const some = sent.filter((place) => (place + index) % 2 === 0);
        const say = (status: UsageEventResult['status'], places: readonly number[]) =>
          answered(...places.map((place) => resultOf(batch.events[place]!, { status })));
        if (happening === 'silent' || happening === 'crash') missed(sent);
        if (happening === 'accept' || happening === 'error') missed(sent.filter((place) => !some.includes(place)));
        if (happening === 'leave out') missed(sent);
        const ends = {
          accept: say('Accepted', some),
          error: say('Error', some),
          'leave out': say('Accepted', []),
          silent,
          undone,
          refused,
        };
        batch = happening === 'crash' ? afterCrash({ ...batch, inFlight: { requestId, events: sent } }) : called(batch, ends[happening]);
        const open = batch.progress.flatMap((progress, place) => (isOpen(progress) ? [place] : []));
        expect(batch.parts.flatMap(({ events }) => events).toSorted((one, other) => one - other)).toEqual(open);
        expect(batch.progress.map((progress) => progress.unanswered)).toEqual(unanswered);
      }
    }),
    { numRuns: 1_000 },
  );
});
