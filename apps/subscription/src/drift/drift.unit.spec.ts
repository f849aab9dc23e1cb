import { differenceEnded, differenceFound, type Difference, type DifferenceEnd } from '@landfall/contracts';
import { aMessage } from '@landfall/testing';
import * as given from '../testing/subscription.builders';
import { aRead, at, changeOf, decide, loaded, observed, operationId, orders, subscriptionId } from '../testing/subscription.builders';
import type { Drift } from './drift';

const sweepId = '7f2e6a11-93cf-4d07-8c4f-0a1b5f6e2d10';
const inSweep = (read: ReturnType<typeof aRead>) => {
  const message = observed(read);
  return { ...message, data: { ...message.data, reconciliationId: sweepId } };
};
const driftsOf = (outcome: ReturnType<typeof decide>): readonly Drift[] => changeOf(outcome).drifts;
/** By what a person would ask first. */
const brief = ({ member, ours, microsofts, state, keptReason }: Drift) => ({ member, ours, microsofts, state, keptReason });

describe('a sweep that finds a difference', () => {
  it('leaves a drift for each member, with the interval in which it came to differ and the event that repaired it', () => {
    const drifts = driftsOf(decide(loaded(), inSweep(aRead(600, { planId: 'gold', quantity: 12, autoRenew: false }))));
    expect(drifts).toMatchObject([
      { member: 'plan', ours: 'silver', microsofts: 'gold', state: 'repaired', event: 'landfall.subscription.plan-changed.v1', version: 5 },
      { member: 'quantity', ours: 10, microsofts: 12, event: 'landfall.subscription.quantity-changed.v1', version: 6 },
      { member: 'autoRenew', ours: true, microsofts: false, event: 'landfall.subscription.updated.v1', version: 7 },
    ]);
    expect(drifts[0]).toMatchObject({
      ...{ occasion: 'reconciliation', reconciliationId: sweepId, source: 'reconciliation', operationId: null, keptReason: null },
      ...{ foundAt: at(600), endedAt: at(600), since: { from: at(0), to: at(600) }, timesFound: 1 },
    });
  });

  it('leaves none where nothing differs, or Microsoft names what nobody had said before', () => {
    const current = loaded({ term: null, purchasedAt: null, quantity: null });
    expect(driftsOf(decide(current, inSweep(aRead(600))))).toEqual([]);
  });

  it('names the operation that explains it: nothing had told us what it did', () => {
    const announced = changeOf(decide(loaded(), given.announced({ action: 'ChangePlan', planId: 'gold' })));
    expect(driftsOf(decide(announced, inSweep(aRead(600, { planId: 'gold' }))))).toMatchObject([
      { member: 'plan', source: 'webhook', operationId, state: 'repaired', since: { from: at(18), to: at(600) } },
    ]);
  });

  it('has the same id however often its message is decided', () => {
    const message = inSweep(aRead(600, { planId: 'gold' }));
    expect(driftsOf(decide(loaded(), message))).toEqual(driftsOf(decide(loaded(), message)));
  });
});

describe('what the record keeps stays open, with the reason', () => {
  const moved = () =>
    changeOf(decide(loaded(), given.settled({ action: 'ChangePlan', planId: 'gold', read: aRead(30, { planId: 'gold' }) })));

  it('a member that is shut, until its closing read shows what the record has', () => {
    const before = decide(loaded(), given.settled({ action: 'ChangePlan', planId: 'gold', read: aRead(30, { planId: 'gold' }) }));
    const [order] = orders(before);
    const shut = decide(changeOf(before), inSweep(aRead(60)));
    expect(driftsOf(shut).map(brief)).toEqual([{ member: 'plan', ours: 'gold', microsofts: 'silver', state: 'open', keptReason: 'shut' }]);
    const closed = decide(changeOf(shut), given.ordered(aRead(200, { planId: 'gold' }), order!));
    expect(driftsOf(closed)).toMatchObject([{ state: 'over', endedAt: at(200), event: null, version: null }]);
  });

  it('and is repaired by the closing read that shows it again', () => {
    const before = decide(loaded(), given.settled({ action: 'ChangePlan', planId: 'gold', read: aRead(30, { planId: 'gold' }) }));
    const [order] = orders(before);
    const shut = changeOf(decide(changeOf(before), inSweep(aRead(60, { planId: 'bronze' }))));
    const closed = decide(shut, given.ordered(aRead(200, { planId: 'bronze' }), order!));
    expect(driftsOf(closed)).toMatchObject([{ state: 'repaired', event: 'landfall.subscription.plan-changed.v1', version: 6 }]);
  });

  it('an echo, until three reads agree; found again it is the same drift', () => {
    const open = decide(moved(), given.ordered(aRead(200, { planId: 'gold' }), { order: 2, closes: [{ member: 'plan', change: 1 }] }));
    const first = decide(changeOf(open), inSweep(aRead(210)));
    expect(driftsOf(first).map(brief)).toEqual([{ member: 'plan', ours: 'gold', microsofts: 'silver', state: 'open', keptReason: 'echo' }]);
    const second = decide(changeOf(first), inSweep(aRead(215)));
    expect(driftsOf(second)).toMatchObject([{ state: 'open', timesFound: 2, foundAt: at(210), lastFoundAt: at(215) }]);
    const third = decide(changeOf(second), given.ordered(aRead(220), { order: 9, closes: [] }));
    expect(driftsOf(third)).toMatchObject([{ state: 'repaired', endedAt: at(220), version: 6 }]);
  });

  it('an end that Microsoft does not show any more (rule 3), and an old status', () => {
    const ended = loaded({ status: 'Unsubscribed', access: 'ended' });
    expect(driftsOf(decide(ended, inSweep(aRead(600)))).map(brief)).toEqual([
      { member: 'status', ours: 'Unsubscribed', microsofts: 'Subscribed', state: 'open', keptReason: 'absorbed' },
    ]);
    const old = decide(loaded(), inSweep(aRead(600, { status: 'PendingFulfillmentStart', planId: 'gold' })));
    expect(driftsOf(old).map(({ member, keptReason }) => [member, keptReason])).toEqual([['status', 'stale']]);
  });

  it('and is over when the subscription ends', () => {
    const shut = changeOf(decide(moved(), inSweep(aRead(60))));
    const ended = decide(shut, observed(aRead(70, { status: 'Unsubscribed', planId: 'gold' }), 'webhook'));
    expect(driftsOf(ended)).toMatchObject([{ member: 'plan', state: 'over' }, { member: 'status' }]);
  });
});

describe('another read than that of a sweep', () => {
  it.each(['webhook', 'order', 'found'] as const)('leaves a drift where nothing explains what it changed (%s)', (occasion) => {
    expect(driftsOf(decide(loaded(), observed(aRead(600, { planId: 'gold' }), occasion)))).toMatchObject([
      { member: 'plan', occasion, reconciliationId: null, source: 'observed', state: 'repaired' },
    ]);
  });

  it('leaves none where an operation explains it, or a late copy has answered', () => {
    const explained = decide(loaded(), given.settled({ action: 'ChangePlan', planId: 'gold', read: aRead(30, { planId: 'gold' }) }));
    const late = decide(changeOf(explained), observed(aRead(60), 'webhook'));
    expect([...driftsOf(explained), ...driftsOf(late)]).toEqual([]);
  });

  it('leaves none of what we did ourselves: an activation, a cancellation', () => {
    const pending = loaded({ status: 'PendingFulfillmentStart', stage: 'activating', access: 'none', term: null, isActivated: false });
    const activated = decide(pending, observed(aRead(600), 'activation'));
    const cancelled = decide(loaded(), observed(aRead(600, { status: 'Unsubscribed' }), 'cancellation'));
    expect([...driftsOf(activated), ...driftsOf(cancelled)]).toEqual([]);
  });

  it('is explained when its operation comes later', () => {
    const read = changeOf(decide(loaded(), observed(aRead(20, { planId: 'gold' }), 'webhook')));
    const late = decide(
      read,
      given.verified({ action: 'ChangePlan', planId: 'gold', operationStatus: 'Succeeded', read: aRead(22, { planId: 'gold' }) }),
    );
    expect(changeOf(late).lateExplanations).toEqual([{ member: 'plan', operationId, setAt: at(20) }]);
  });
});

it('is all of a subscription that nobody knew: an import', () => {
  expect(driftsOf(decide(undefined, inSweep(aRead(600))))).toMatchObject([
    {
      ...{ member: 'subscription', ours: null, microsofts: { status: 'Subscribed', planId: 'silver', quantity: 10 }, state: 'repaired' },
      ...{ event: 'landfall.subscription.purchased.v1', version: 1, reconciliationId: sweepId, since: { from: at(0), to: at(600) } },
    },
  ]);
  expect(driftsOf(decide(undefined, given.resolved(aRead(5), subscriptionId)))).toEqual([]);
});

it('is none where the webhook of a plan that Microsoft activates itself tells of the purchase', () => {
  const bought = (action: string) => driftsOf(decide(undefined, given.verified({ action, operationStatus: 'Succeeded', read: aRead(5) })));
  expect([bought('Subscribe'), bought('Renew').map(({ member }) => member)]).toEqual([[], ['subscription']]);
});

it('began neither before the purchase nor after the read that showed it', () => {
  const sinceOf = (purchasedAt: string) =>
    driftsOf(decide(loaded({ purchasedAt }), inSweep(aRead(600, { planId: 'gold', purchasedAt })))).map(({ since }) => since);
  expect(sinceOf(at(20))).toEqual([{ from: at(20), to: at(600) }]);
  expect(driftsOf(decide(undefined, inSweep(aRead(600, { purchasedAt: at(601) }))))[0]?.since).toEqual({ from: at(600), to: at(600) });
});

describe('what a sweep tells that no read does', () => {
  const told = (difference: Difference) => ({ subscriptionId, difference, reconciliationId: sweepId, since: at(500), foundAt: at(600) });
  const found = (difference: Difference) => aMessage(differenceFound(told(difference)));
  const ended = (difference: Difference, end: DifferenceEnd) =>
    aMessage(differenceEnded({ subscriptionId, difference, end, endedAt: at(700) }));

  it('is an open drift, and changes nothing else', () => {
    const missing = decide(loaded(), found('missing'));
    expect(driftsOf(missing)).toMatchObject([
      {
        ...{ member: 'subscription', ours: { status: 'Subscribed', planId: 'silver', quantity: 10 }, microsofts: null, state: 'open' },
        ...{ keptReason: 'missing', reconciliationId: sweepId, since: { from: null, to: at(500) }, foundAt: at(600), endReason: null },
      },
    ]);
    expect(driftsOf(decide(loaded(), found('guarded')))).toMatchObject([
      {
        member: 'status',
        ours: 'Subscribed',
        microsofts: 'Unsubscribed',
        keptReason: 'guarded',
        since: { from: at(0), to: at(500) },
      },
    ]);
    expect(changeOf(missing)).toMatchObject({ subscription: loaded().subscription, newTransitions: [] });
    expect(missing.effects).toEqual([]);
  });

  it('is one drift however often it is told, and none of what has ended, or nobody knows', () => {
    const again = decide(changeOf(decide(loaded(), found('missing'))), found('missing'));
    expect(driftsOf(again)).toMatchObject([{ state: 'open', timesFound: 2 }]);
    for (const current of [undefined, loaded({ status: 'Unsubscribed', access: 'ended' })])
      expect(decide(current, found('missing')).kind).toBe('ignored');
  });

  it('is over when it is told so, and stays as it ended where a change was first', () => {
    const open = changeOf(decide(loaded(), found('missing')));
    expect(driftsOf(decide(open, ended('missing', 'dismissed')))).toMatchObject([
      { state: 'over', endedAt: at(700), endReason: 'dismissed', event: null },
    ]);
    expect(decide(loaded(), ended('missing', 'shown-again')).kind).toBe('ignored');
    const guarded = changeOf(decide(loaded(), found('guarded')));
    const repaired = decide(guarded, inSweep(aRead(650, { status: 'Unsubscribed' })));
    expect(driftsOf(repaired)).toMatchObject([
      { member: 'status', state: 'repaired', event: 'landfall.subscription.unsubscribed.v1', endReason: null },
    ]);
    expect(decide(changeOf(repaired), ended('guarded', 'shown-again')).kind).toBe('ignored');
  });

  it('is over with the subscription', () => {
    const open = changeOf(decide(loaded(), found('missing')));
    const gone = driftsOf(decide(open, observed(aRead(650, { status: 'Unsubscribed' }), 'webhook')));
    expect(gone).toMatchObject([
      { member: 'subscription', state: 'over', event: 'landfall.subscription.unsubscribed.v1' },
      { member: 'status' },
    ]);
  });
});
