import { limits } from '../../../limits';
import { aCall, aDelivery, after, anOperation, aSubscription, stateBefore, findings, subscriptionId } from '../../../testing/facts';
import { activateAgain, activateInVain, activateWithoutResolve } from './activation.rules';

const pending = aSubscription({ status: 'PendingFulfillmentStart' });
const activate = (seconds: number, subscription = pending) =>
  aCall(seconds, {
    route: 'activateSubscription',
    method: 'POST',
    subscriptionId: subscription.id,
    before: stateBefore({ subscription }),
  });
const resolve = (seconds: number, id = subscriptionId) =>
  aCall(seconds, {
    route: 'resolveSubscription',
    method: 'POST',
    purchaseToken: { fingerprint: id, damage: null, isExpired: false, subscriptionId: id },
  });
const list = (seconds: number) => aCall(seconds, { route: 'listSubscriptions' });

describe('Activate without Resolve', () => {
  it('is a breach', () => {
    expect(findings(activateWithoutResolve, [activate(2)])).toMatchObject([{ subject: subscriptionId, severity: 'breach' }]);
  });

  it('is advice where the purchase is known from the list', () => {
    expect(findings(activateWithoutResolve, [list(2), activate(3)])).toMatchObject([{ severity: 'advice' }]);
    expect(findings(activateWithoutResolve, [list(0), activate(3)])).toMatchObject([{ severity: 'breach' }]);
  });

  it('is none after a Resolve, also where a fault has answered it', () => {
    expect(findings(activateWithoutResolve, [resolve(2), activate(3)])).toEqual([]);
    expect(findings(activateWithoutResolve, [{ ...resolve(2), status: 500, faultId: 'f' }, activate(3)])).toEqual([]);
  });

  it('is none for what is active already: the plan is activated automatically', () => {
    expect(findings(activateWithoutResolve, [activate(3, aSubscription())])).toEqual([]);
  });

  it('is not reported for a purchase of before the start, or of so long ago that its Resolve may not be known any more', () => {
    expect(findings(activateWithoutResolve, [activate(3)], { sinceMs: after(2) })).toEqual([]);
    const others = Array.from({ length: limits.rememberedPerRule }, (_, index) => resolve(3, `other-${index}`));
    expect(findings(activateWithoutResolve, [resolve(2), ...others, activate(4)])).toEqual([]);
  });
});

describe('Activate in vain', () => {
  const wait = limits.newsMs / 1_000;
  const shown = (seconds: number, status: string, route: 'getSubscription' | 'resolveSubscription' = 'getSubscription') => {
    const shown = { id: subscriptionId, saasSubscriptionStatus: status };
    return aCall(seconds, { route, answer: route === 'getSubscription' ? shown : { id: subscriptionId, subscription: shown } });
  };
  const shownByWebhook = (seconds: number, action: 'Suspend' | 'Unsubscribe' | 'Reinstate', status: string) =>
    aDelivery(seconds, { requestBody: { subscription: { saasSubscriptionStatus: status } } as never }, anOperation({ action }));

  it.each(['Suspended', 'Unsubscribed'] as const)('is a breach where Resolve has just shown that it is %s', (status) => {
    const facts = [shown(2, status, 'resolveSubscription'), activate(3, aSubscription({ status }))];
    expect(findings(activateInVain, facts)).toMatchObject([{ subject: subscriptionId, done: expect.stringContaining(status) }]);
  });

  it('is a breach some time after the webhook that showed it', () => {
    const suspended = shownByWebhook(4, 'Suspend', 'Suspended');
    const activates = (seconds: number) => activate(seconds, aSubscription({ status: 'Suspended' }));
    expect(findings(activateInVain, [shown(2, 'Subscribed'), suspended, activates(5 + wait)])).toHaveLength(1);
    expect(findings(activateInVain, [shown(2, 'Subscribed'), suspended, activates(4.5)])).toEqual([]);
  });

  it('is none where the publisher has not received it, or has received another status a moment ago', () => {
    const gone = activate(20, aSubscription({ status: 'Unsubscribed' }));
    expect(findings(activateInVain, [gone])).toEqual([]);
    expect(findings(activateInVain, [shown(2, 'PendingFulfillmentStart'), gone])).toEqual([]);
    expect(findings(activateInVain, [shown(19, 'PendingFulfillmentStart'), shown(19.5, 'Unsubscribed'), gone])).toEqual([]);
    expect(findings(activateInVain, [{ ...shown(2, 'Unsubscribed'), faultId: 'f' }, gone])).toEqual([]);
    const suspended = activate(20, aSubscription({ status: 'Suspended' }));
    expect(findings(activateInVain, [shown(2, 'Suspended'), shownByWebhook(3, 'Reinstate', 'Suspended'), suspended])).toEqual([]);
  });
});

describe('Activate again', () => {
  const again = (seconds: number) => activate(seconds, aSubscription());

  it('is advice from the second time on after the activation', () => {
    expect(findings(activateAgain, [again(3), again(4), again(5)])).toMatchObject([
      { done: expect.stringContaining('2 times') },
      { done: expect.stringContaining('3 times') },
    ]);
  });

  it('is none the first time, nor before the activation, nor where a fault hid the answer', () => {
    expect(findings(activateAgain, [activate(2), activate(3), again(4)])).toEqual([]);
    expect(findings(activateAgain, [{ ...again(3), faultId: 'f' }, { ...again(4), faultId: 'f' }, again(5)])).toEqual([]);
  });
});
