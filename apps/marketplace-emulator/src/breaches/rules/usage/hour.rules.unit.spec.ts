import { aCall, after, findings, startMs, subscriptionId, timePasses } from '../../../testing/facts';
import type { CallEnded, Fact } from '../../fact';
import { usageMoved, usageUnderTwoPlans } from './hour.rules';

const hourS = 3_600;
const event = (changes: object = {}) => ({
  ...{ resourceId: subscriptionId, quantity: 5, dimension: 'emails', planId: 'base' },
  ...{ effectiveStartTime: new Date(startMs).toISOString() },
  ...changes,
});
const reported = (seconds: number, body: object, changes: Partial<CallEnded> = {}) =>
  aCall(seconds, { route: 'postUsageEvent', method: 'POST', body, answer: { status: 'Accepted' }, ...changes });
/** The same with its answer lost. */
const cut = (fact: CallEnded): Fact => ({ ...fact, kind: 'call-lost' });
const inHour = (hours: number, changes: object = {}) =>
  event({ effectiveStartTime: new Date(after(hours * hourS)).toISOString(), ...changes });

describe('usage of one hour under two plans', () => {
  it('is a breach, whatever becomes of the second event', () => {
    expect(findings(usageUnderTwoPlans, [reported(9, event()), reported(10, event({ planId: 'plus' }))])).toMatchObject([
      { done: expect.stringContaining('under base more came under plus') },
    ]);
    expect(
      findings(usageUnderTwoPlans, [cut(reported(9, event())), reported(10, event({ planId: 'plus' }), { status: 409 })]),
    ).toHaveLength(1);
  });

  it('is none in another hour or dimension, and none where the first one was refused', () => {
    for (const other of [inHour(1, { planId: 'plus' }), event({ planId: 'plus', dimension: 'texts' })])
      expect(findings(usageUnderTwoPlans, [reported(9, event()), reported(10, other)])).toEqual([]);
    expect(findings(usageUnderTwoPlans, [reported(9, event(), { status: 400 }), reported(10, event({ planId: 'plus' }))])).toEqual([]);
  });
});

describe('an event without an answer', () => {
  const windowOver = timePasses(25 * hourS);
  const lost: [string, (fact: CallEnded) => Fact][] = [
    ['cut off', cut],
    ['answered 500', (fact) => ({ ...fact, status: 500 })],
  ];

  it.each(lost)('that goes under another hour and is never repeated is a breach: %s', (_, how) => {
    expect(findings(usageMoved, [how(reported(9, event())), reported(hourS + 9, inHour(1)), windowOver])).toMatchObject([
      { subscriptionId, done: expect.stringContaining('never sent again') },
    ]);
  });

  it('is none where it is repeated, before the other hour or after it', () => {
    expect(findings(usageMoved, [cut(reported(9, event())), reported(12, event()), reported(hourS + 9, inHour(1)), windowOver])).toEqual(
      [],
    );
    expect(
      findings(usageMoved, [cut(reported(9, event())), reported(hourS + 9, inHour(1)), reported(hourS + 12, event()), windowOver]),
    ).toEqual([]);
  });

  it('is none as long as it may still be repeated, or where there was no time for it', () => {
    expect(findings(usageMoved, [cut(reported(9, event())), reported(hourS + 9, inHour(1)), timePasses(23 * hourS)])).toEqual([]);
    const late = [cut(reported(22.5 * hourS, event())), reported(23 * hourS, inHour(22)), windowOver];
    expect(findings(usageMoved, late)).toEqual([]);
  });

  it('is none where the other event has another quantity, dimension or plan, or was not taken, and where the first one was answered', () => {
    for (const other of [{ quantity: 6 }, { dimension: 'texts' }, { planId: 'plus' }])
      expect(findings(usageMoved, [cut(reported(9, event())), reported(hourS + 9, inHour(1, other)), windowOver])).toEqual([]);
    expect(findings(usageMoved, [cut(reported(9, event())), reported(hourS + 9, inHour(1), { status: 429 }), windowOver])).toEqual([]);
    expect(findings(usageMoved, [reported(9, event(), { faultId: 'slow' }), reported(hourS + 9, inHour(1)), windowOver])).toEqual([]);
  });
});
