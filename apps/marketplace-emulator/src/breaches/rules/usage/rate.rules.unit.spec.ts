import { aCall, aDelivery, after, anOperation, findings, startMs, subscriptionId } from '../../../testing/facts';
import type { CallEnded } from '../../fact';
import { usageBelowCent, usageOfTrial, usageOfUnlimited } from './rate.rules';

const effectiveStartTime = new Date(startMs).toISOString();
const event = (changes: object = {}) => ({
  ...{ resourceId: subscriptionId, quantity: 5, dimension: 'emails', effectiveStartTime, planId: 'base' },
  ...changes,
});
const reported = (seconds: number, body: object, changes: Partial<CallEnded> = {}) =>
  aCall(seconds, { route: 'postUsageEvent', method: 'POST', body, answer: { status: 'Accepted' }, ...changes });
const batch = (seconds: number, ...request: object[]) =>
  aCall(seconds, { route: 'postBatchUsageEvent', method: 'POST', body: { request }, answer: { result: [] } });
const shown = (seconds: number, members: object) => aCall(seconds, { answer: { id: subscriptionId, ...members } });
const plans = (seconds: number, { price = 0.003, units = {} as Record<string, string> } = {}) =>
  aCall(seconds, {
    route: 'listAvailablePlans',
    subscriptionId,
    answer: {
      plans: [
        {
          planId: 'base',
          planComponents: {
            meteringDimensions: [{ id: 'emails', pricePerUnit: price }],
            recurrentBillingTerms: ['P1M', 'P1Y'].map((termUnit) => ({
              termUnit,
              meteredQuantityIncluded: [{ dimensionId: 'emails', units: units[termUnit] ?? '1000' }],
            })),
          },
        },
      ],
    },
  });

describe('usage of a free trial', () => {
  it('is a breach where the publisher has been shown it, by an answer or a webhook', () => {
    expect(findings(usageOfTrial, [shown(1, { isFreeTrial: true }), reported(9, event())])).toMatchObject([{ subscriptionId }]);
    const told = aDelivery(1, { action: 'Subscribe', requestBody: { subscription: { id: subscriptionId, isFreeTrial: true } } as never });
    expect(findings(usageOfTrial, [told, batch(9, event(), event({ dimension: 'texts' }))])).toHaveLength(2);
  });

  it('is none where it was never shown, where the trial is over, or where it was shown a moment ago after another state', () => {
    expect(findings(usageOfTrial, [reported(9, event())])).toEqual([]);
    expect(findings(usageOfTrial, [shown(1, { isFreeTrial: true }), shown(5, { isFreeTrial: false }), reported(9, event())])).toEqual([]);
    expect(findings(usageOfTrial, [shown(1, { isFreeTrial: false }), shown(7, { isFreeTrial: true }), reported(9, event())])).toEqual([]);
    expect(findings(usageOfTrial, [shown(1, {}), reported(9, event())])).toEqual([]);
  });
});

describe('usage of what is included without limit', () => {
  it.each(['unlimited', '-1', ''])('is a breach in the term that has it, written as "%s"', (units) => {
    const monthly = shown(1, { term: { termUnit: 'P1M' } });
    expect(findings(usageOfUnlimited, [monthly, plans(2, { units: { P1M: units } }), reported(9, event())])).toHaveLength(1);
    expect(findings(usageOfUnlimited, [plans(2, { units: { P1M: units, P1Y: units } }), reported(9, event())])).toHaveLength(1);
  });

  it('is none of another term, dimension or plan, and none where the term is not known and another one has a limit', () => {
    const [yearly, list] = [shown(1, { term: { termUnit: 'P1Y' } }), plans(2, { units: { P1M: 'unlimited' } })];
    expect(findings(usageOfUnlimited, [yearly, list, reported(9, event())])).toEqual([]);
    expect(findings(usageOfUnlimited, [list, reported(9, event())])).toEqual([]);
    const monthly = shown(3, { term: { termUnit: 'P1M' } });
    for (const other of [{ dimension: 'texts' }, { planId: 'plus' }])
      expect(findings(usageOfUnlimited, [monthly, list, reported(9, event(other))])).toEqual([]);
  });
});

describe('usage that costs less than a cent', () => {
  it('is a breach at the price that the publisher was shown, alone and in a batch', () => {
    expect(findings(usageBelowCent, [plans(1), reported(9, event({ quantity: 3.333333 }))])).toMatchObject([
      { done: expect.stringContaining('0.003') },
    ]);
    expect(findings(usageBelowCent, [plans(1), batch(9, event({ quantity: 1 }), event({ quantity: 4 }))])).toHaveLength(1);
  });

  it('is none of what makes a cent, of what costs nothing, and where no price was shown', () => {
    expect(findings(usageBelowCent, [plans(1), reported(9, event({ quantity: 3.333334 }))])).toEqual([]);
    expect(findings(usageBelowCent, [plans(1, { price: 0 }), reported(9, event({ quantity: 1 }))])).toEqual([]);
    expect(findings(usageBelowCent, [reported(9, event({ quantity: 0.1 }))])).toEqual([]);
    expect(findings(usageBelowCent, [{ ...plans(1), faultId: 'f' }, reported(9, event({ quantity: 0.1 }))])).toEqual([]);
    expect(findings(usageBelowCent, [plans(1), reported(9, event({ quantity: 0 })), reported(10, event({ quantity: '1' }))])).toEqual([]);
  });

  it('is measured by the list that was shown last', () => {
    const renewed = plans(3, { price: 0.01 });
    expect(findings(usageBelowCent, [plans(1), renewed, reported(after(9), event({ quantity: 1 }))])).toEqual([]);
  });
});

it('hears nothing from a forged webhook', () => {
  const requestBody = { subscription: { id: subscriptionId, isFreeTrial: true } } as never;
  const forged = aDelivery(1, { kind: 'forged', requestBody }, anOperation());
  expect(findings(usageOfTrial, [forged, reported(9, event())])).toEqual([]);
});
